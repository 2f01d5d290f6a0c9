import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { JournalFileError, seededRandom } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, describe, expect, it, test, vi } from 'vitest'
import { createPlayer } from './player.ts'
import { offlineModel } from './undisturbed.ts'

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

/** How many offsets are cut at besides the ends of pages. */
const OFFSETS = 100

const folder = mkdtempSync(join(tmpdir(), 'nanoagent-cut-'))
afterAll(() => rmSync(folder, { recursive: true }))

const whole = join(folder, 'journal.db')
{
  await using journal = await openJournal(whole)
  const options = { journal, model: offlineModel('password-full'), seedOf: () => 'seed' }
  await using player = createPlayer('password-full', options)
  await player.run({ runId: 'run', text: 'A password of 20 characters for my bank' })
}
const bytes = readFileSync(whole)
const PAGE = bytes.readUInt16BE(16)

function cutsOf(): readonly number[] {
  const random = seededRandom(1)
  const edges = Array.from({ length: bytes.length / PAGE }, (_none, n) => n * PAGE)
  const offsets = Array.from({ length: OFFSETS }, () => Math.floor(random() * bytes.length))
  return [...new Set([...edges, ...offsets, 1, 99, bytes.length - 1])].toSorted((a, b) => a - b)
}

/** What comes of opening the file cut off there, and of reading all that is in it. */
async function problemOf(cut: number, mode: 'read' | 'write'): Promise<string | undefined> {
  const place = join(folder, `${cut}-${mode}`)
  mkdirSync(place)
  const file = join(place, 'journal.db')
  copyFileSync(join(folder, 'journal.key'), join(place, 'journal.key'))
  writeFileSync(file, bytes.subarray(0, cut))
  try {
    await (await openJournal(file, { mode })).close()
    return 'it was opened'
  } catch (error) {
    if (!(error instanceof JournalFileError)) return `${error}`
    if (!/^(journal_damaged|not_a_journal)$/.test(error.code))
      return `${error.code}: ${error.message}`
    if (!error.message.startsWith(`${file}: `) || /\n/.test(error.message)) return error.message
  }
  if (!readFileSync(file).equals(bytes.subarray(0, cut))) return 'something was written to it'
  if (existsSync(`${file}-wal`) && readFileSync(`${file}-wal`).length > 0) return 'it has a WAL now'
  return undefined
}

describe.each(['write', 'read'] as const)('a journal whose file was cut off, to %s', (mode) => {
  it('is refused with a clear error wherever that was, and stays as it is', async () => {
    const problems: Record<number, string> = {}
    for (const cut of cutsOf()) {
      const problem = await problemOf(cut, mode)
      if (problem !== undefined) problems[cut] = problem
    }
    expect(problems).toEqual({})
  })
})

/** A journal that was copied while it was open: its first run in its file, its second in the WAL. */
async function halfInWal(): Promise<{ readonly main: Buffer; readonly wal: Buffer }> {
  const file = join(folder, 'open', 'journal.db')
  mkdirSync(join(folder, 'open'))
  await using journal = await openJournal(file)
  const options = { journal, model: offlineModel('password-full'), seedOf: () => 'seed' }
  await using player = createPlayer('password-full', options)
  await player.run({ runId: 'first', text: 'A password of 20 characters for my bank' })
  using other = new DatabaseSync(file)
  other.exec('PRAGMA wal_checkpoint(PASSIVE)')
  await player.run({ runId: 'second', text: 'A PIN' })
  return { main: readFileSync(file), wal: readFileSync(`${file}-wal`) }
}

test('a journal whose file was cut off beside its WAL is refused, unless that has all of it', async () => {
  const { main, wal } = await halfInWal()
  const problems: Record<number, unknown> = {}
  for (let cut = 0; cut <= main.length; cut += PAGE) {
    const place = join(folder, `beside-${cut}`)
    mkdirSync(place)
    const file = join(place, 'journal.db')
    copyFileSync(join(folder, 'open', 'journal.key'), join(place, 'journal.key'))
    writeFileSync(file, main.subarray(0, cut))
    writeFileSync(`${file}-wal`, wal)
    const opened = await openJournal(file).catch((error: unknown) => error)
    if (opened instanceof Error) {
      const isClear = opened instanceof JournalFileError && opened.code === 'journal_damaged'
      if (!isClear || cut === main.length) problems[cut] = opened
      continue
    }
    await using journal = await openJournal(file)
    const report = await journal.verify()
    if (report.problems.length > 0 || report.runs !== 2) problems[cut] = report
  }
  expect(problems).toEqual({})
})
