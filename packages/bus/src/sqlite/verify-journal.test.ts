import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fc, test as property } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { createBus } from '../bus.ts'
import { BusError, JournalFileError, NotExportableError, NotForkableError } from '../errors.ts'
import { replayDeliveries } from '../replay/replay.ts'
import { Secret } from '../secret.ts'
import { collect } from '../testing/contract/collect.ts'
import { ending, leaseOf, opening, settle, step } from '../testing/contract/drafts.ts'
import { exportRuns } from '../transfer/export-runs.ts'
import { openJournal } from './open-journal.ts'
import { verifyJournal } from './verify-journal.ts'

const folder = temporaryFolder()
const whole = folder.file('journal.db')
const damaged = folder.file('damaged.db')
const RUNS = 40

beforeAll(async () => {
  await using journal = await openJournal(whole)
  for (let n = 0; n < RUNS; n++) {
    const run = `run-${n}`
    const request = { instructions: 'Be brief. '.repeat(200), run }
    const records = [
      ...opening(run),
      step(run, 1, request, { password: new Secret(run) }),
      settle(run, run),
      ending(run, 'completed'),
    ]
    await journal.append(records, leaseOf(run))
  }
})
afterAll(() => folder[Symbol.dispose]())

/** A copy of the journal with bytes that were overwritten. */
function damage(at: number, bytes: Uint8Array): string {
  const copy = readFileSync(whole)
  copy.set(bytes.subarray(0, copy.length - at), at)
  writeFileSync(damaged, copy)
  copyFileSync(folder.file('journal.key'), folder.file('damaged.key'))
  return damaged
}

describe('verifyJournal', () => {
  test('finds nothing wrong with a journal that is whole', async () => {
    expect(await verifyJournal(whole)).toMatchObject({ problems: [], runs: RUNS })
  })

  test('lists what is damaged, and counts what can be read', async () => {
    const middle = Math.floor(readFileSync(whole).length / 2)
    const report = await verifyJournal(damage(middle, Buffer.alloc(100, 0xff)))
    expect(report.problems).not.toEqual([])
    expect(report.runs).toBeGreaterThan(0)
  })

  test('lists steps of which a part is not the one that was stored, which nobody can read', async () => {
    damage(0, Buffer.alloc(0))
    using database = new DatabaseSync(damaged)
    database.exec("UPDATE parts SET body = replace(body, 'brief', 'quick')")
    const report = await verifyJournal(damaged)
    const told = report.problems.filter((line) => line.includes('is not what was stored as it'))
    expect(told).toHaveLength(RUNS)
    await using journal = await openJournal(damaged, { mode: 'read' })
    const reading = collect(journal.read({ runId: 'run-0' }))
    await expect(reading).rejects.toThrow(JournalFileError)
    await expect(reading).rejects.toThrow(/part \S{43} is not what was stored as it/)
  })

  test.each([
    ['{"type":"response"', 'null,"was":{"type":"response"', /step.*outcome|outcome: /],
    ['"message":{', '"message":null,"was":{', /message: /],
    ['"step":[1]', '"step":"x"', /step: /],
    ['"attempt":1', '"attempt":0', /attempt: /],
    ['"version":1', '"version":2', /was recorded in format version 2.*update nanoagent/],
  ])('lists records that are none, which nobody can read: %s → %s', async (as, is, says) => {
    damage(0, Buffer.alloc(0))
    using database = new DatabaseSync(damaged)
    database.prepare('UPDATE batches SET records = replace(records, ?, ?)').run(as, is)
    const { problems } = await verifyJournal(damaged)
    expect(problems.filter((line) => says.test(line))).toHaveLength(RUNS)
    await using journal = await openJournal(damaged, { mode: 'read' })
    const error: unknown = await collect(journal.read({ runId: 'run-0' })).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(BusError)
    expect(String(error)).toMatch(says)
  })

  test('says that times which are none cannot be read', async () => {
    damage(0, Buffer.alloc(0))
    using database = new DatabaseSync(damaged)
    database.exec("UPDATE runs SET opened_at = 1000000000000000000 WHERE id = 'run-0'")
    const { problems } = await verifyJournal(damaged)
    expect(problems.join()).toMatch(/damaged.*too large/)
    await using journal = await openJournal(damaged, { mode: 'read' })
    await expect(collect(journal.runs())).rejects.toThrow(JournalFileError)
  })

  test('lists what cannot have led to what', async () => {
    damage(0, Buffer.alloc(0))
    using database = new DatabaseSync(damaged)
    const published = `UPDATE batches SET records =
      replace(records, '"published":[]', '"published":["run-0"]') WHERE run = 1`
    database.exec(published)
    const { problems } = await verifyJournal(damaged)
    expect(problems).toEqual(['run run-0: record 4: run-0 cannot have published run-0'])
    await using journal = await openJournal(damaged)
    const records = await collect(journal.read({ runId: 'run-0' }))
    const replayed = collect(replayDeliveries({ records, roles: new Map() }))
    await expect(replayed).rejects.toThrow(/damaged: record 4: run-0 cannot have published run-0/)
    await using bus = createBus({ journal })
    await expect(bus.fork('run-0', { at: 'run-0' })).rejects.toThrow(NotForkableError)
    await expect(exportRuns(journal, ['run-0'], () => {})).rejects.toThrow(NotExportableError)
  })

  test('lists what is wrong with a file that cannot be opened', async () => {
    damage(0, Buffer.alloc(0))
    truncateSync(damaged, readFileSync(whole).length - 10_000)
    const { problems, ...counts } = await verifyJournal(damaged)
    expect(problems).toEqual([
      'the file is damaged: database disk image is malformed',
      expect.stringMatching(/^the end of the file is missing: it has \d+ of \d+ bytes$/),
    ])
    expect(counts).toEqual({ runs: 0, records: 0 })
  })

  test('refuses what is no journal', async () => {
    writeFileSync(damaged, 'Buy milk.\n'.repeat(200))
    await expect(verifyJournal(damaged)).rejects.toMatchObject({ code: 'not_a_journal' })
    await expect(verifyJournal(folder.file('none'))).rejects.toMatchObject({
      code: 'journal_not_found',
    })
  })

  property.prop([fc.nat(), fc.uint8Array({ minLength: 100, maxLength: 100 })], { numRuns: 200 })(
    'reports, or refuses in one line, whatever is overwritten',
    async (place, bytes) => {
      const at = place % readFileSync(whole).length
      const found = await verifyJournal(damage(at, bytes)).catch((error: unknown) => error)
      if (found instanceof JournalFileError) expect(found.message).not.toContain('\n')
      else expect(found).toMatchObject({ problems: expect.any(Array) })
    },
  )
})
