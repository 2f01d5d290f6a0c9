import { closeSync, existsSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../../test/temporary-folder.ts'
import { InvalidOptionError, JournalConflictError } from '../errors.ts'
import type { RunStatus } from '../records.ts'
import { Secret } from '../secret.ts'
import { collect } from '../testing/contract/collect.ts'
import {
  ending,
  leaseOf,
  log,
  memory,
  message,
  opening,
  settle,
  step,
} from '../testing/contract/drafts.ts'
import { createVirtualRuntime } from '../testing/virtual-runtime.ts'
import { openJournal } from './open-journal.ts'
import type { PruneQuery } from './prune.ts'
import type { SqliteJournal } from './sqlite-journal.ts'

const LARGE = 'Be brief, and say why. '.repeat(100)

/** A run that has ended so, at this time, with a step whose request is large. */
async function run(
  journal: SqliteJournal,
  runId: string,
  { status = 'completed', at = 1 }: { status?: RunStatus; at?: number } = {},
): Promise<void> {
  await journal.append(
    [
      ...opening(runId),
      step(runId, 1, { instructions: LARGE, runId }, { password: new Secret(runId) }),
      settle(runId, runId),
      { ...ending(runId, status), at },
    ],
    leaseOf(runId),
  )
}

async function runIds(journal: SqliteJournal): Promise<string[]> {
  return (await collect(journal.runs())).map(({ runId }) => runId).sort()
}

/** A closed journal with five runs, and one that is open. */
async function written(folder: TemporaryFolder): Promise<string> {
  const path = folder.file('journal.db')
  await using journal = await openJournal(path)
  for (const runId of ['a', 'b', 'c', 'd', 'e']) await run(journal, runId)
  await journal.append(opening('open'), leaseOf('open'))
  return path
}

describe('verify', () => {
  test('finds nothing wrong with a journal that nobody has touched', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(await written(folder))
    expect(await journal.verify()).toEqual({ problems: [], runs: 6, records: 27 })
  })

  test.each([
    ['5 records are missing', `DELETE FROM batches WHERE records LIKE '%"c"%'`],
    ['it has no records', `DELETE FROM batches WHERE records LIKE '%"c"%'`],
    ['batches belong to no run', "DELETE FROM runs WHERE id = 'c'"],
    ['its records say', "UPDATE runs SET status = 'failed' WHERE id = 'c'"],
    ['its records say', "UPDATE runs SET team = 'other' WHERE id = 'c'"],
    ['cannot be read', "UPDATE batches SET records = '[{' WHERE run = 3"],
    [
      'kind: Invalid discriminator',
      `UPDATE batches SET records = replace(records, '"step"', '"leap"')`,
    ],
    ['is missing', 'DELETE FROM parts'],
    [
      'z is no delivery of run c',
      `UPDATE batches SET records = replace(records, '"messageId":"c"', '"messageId":"z"')`,
    ],
    [
      'does not open',
      `UPDATE batches SET records = replace(records, 'secret:unnamed', 'secret:b')`,
    ],
  ])('says that %s after %s', async (problem, sql) => {
    using folder = temporaryFolder()
    const path = await written(folder)
    change(path, sql)
    await using journal = await openJournal(path, { mode: 'read' })
    const { problems } = await journal.verify()
    expect(problems.join('\n')).toContain(problem)
  })

  test('says which cause of a message is missing', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(folder.file('journal.db'))
    await journal.append(opening('a'), leaseOf('a'))
    const [draft] = [message('a', 'a.h.h')]
    if (draft?.kind !== 'message') throw new Error('it is a message')
    const orphan = { ...draft, message: { ...draft.message, causationId: 'a.h' } }
    await journal.append([orphan], leaseOf('a'))
    expect((await journal.verify()).problems).toEqual([
      'run a: record 3: message a.h.h comes before a.h, which has led to it',
    ])
  })

  test('sees a page that was overwritten', async () => {
    using folder = temporaryFolder()
    const path = await written(folder)
    const pages = statSync(path).size / 4_096
    const handle = openSync(path, 'r+')
    writeSync(handle, Buffer.alloc(4_096, 7), 0, 4_096, (pages - 1) * 4_096)
    closeSync(handle)
    await using journal = await openJournal(path, { mode: 'read' })
    const found = await journal.verify().then(
      ({ problems }) => problems.join('\n'),
      (error: unknown) => String(error),
    )
    expect(found).toMatch(/damaged/)
  })
})

describe('prune', () => {
  const day = 24 * 3_600_000
  const cases: readonly (readonly [PruneQuery, string])[] = [
    [{ olderThanMs: day }, 'new open'],
    [{ keep: 2 }, 'failed new open'],
    [{ keep: 0 }, 'open'],
    [{ keep: 9 }, 'old older failed new open'],
    [{ status: ['failed'] }, 'old older new open'],
    [{ runIds: ['old', 'open', 'unknown'] }, 'older failed new open'],
    [{ olderThanMs: day, status: ['failed'] }, 'old older new open'],
    [{ runIds: [] }, 'old older failed new open'],
  ]
  test.each(cases)(
    'by %o deletes whole runs that have ended, and no other',
    async (query, left) => {
      using folder = temporaryFolder()
      const runtime = createVirtualRuntime({ startAt: 10 * day })
      await using journal = await openJournal(folder.file('journal.db'), { runtime })
      await run(journal, 'old', { at: 8 * day })
      await run(journal, 'older', { at: 7 * day })
      await run(journal, 'failed', { at: 8 * day, status: 'failed' })
      await run(journal, 'new', { at: 10 * day })
      await journal.append(opening('open'), leaseOf('open'))
      const before = await collect(journal.read())
      const expected = query.olderThanMs === day && query.status === undefined ? 'new open' : left
      const names = expected.split(' ').sort()

      const foreseen = await journal.prune({ ...query, isDryRun: true })
      expect(await runIds(journal)).toHaveLength(5)
      const report = await journal.prune(query)

      expect(await runIds(journal)).toEqual(names)
      expect(await collect(journal.read())).toEqual(
        before.filter(({ runId }) => names.includes(runId)),
      )
      expect(report).toMatchObject({ runIds: foreseen.runIds, records: foreseen.records })
      expect(report.runIds).toHaveLength(5 - names.length)
      expect((await journal.verify()).problems).toEqual([])
    },
  )

  test('asks for a reason', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(await written(folder))
    await expect(journal.prune({})).rejects.toThrow(InvalidOptionError)
    await expect(journal.prune({ isDryRun: true })).rejects.toThrow('what to prune is not given')
    await expect(journal.prune({ keep: -1 })).rejects.toThrow('keep is -1')
    await expect(journal.prune({ olderThanMs: Number.NaN })).rejects.toThrow('olderThanMs is NaN')
  })

  test('leaves a tombstone: the id stays taken, and numbers are not given again', async () => {
    using folder = temporaryFolder()
    const path = folder.file('journal.db')
    await using journal = await openJournal(path)
    await run(journal, 'a', { status: 'failed' })
    const last = await journal.lastSeq()
    await journal.prune({ keep: 0 })
    expect(await journal.pruned('a')).toMatchObject({ runId: 'a', status: 'failed', openedAt: 1 })
    expect(await journal.pruned('b')).toBeUndefined()
    expect(await journal.acquire('a', 'me')).toBeUndefined()
    await expect(run(journal, 'a')).rejects.toThrow(JournalConflictError)
    await journal.close()
    await using again = await openJournal(path)
    expect(await again.lastSeq()).toBe(last)
    await run(again, 'b')
    expect((await collect(again.read()))[0]?.seq).toBe(last + 1)
  })

  test('makes the file smaller, and keeps what others share of large steps', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(folder.file('journal.db'))
    for (let index = 0; index < 300; index++) {
      const runId = `run-${index}`
      await journal.append(
        [
          ...opening(runId),
          step(runId, 1, { instructions: LARGE, own: `${index} `.repeat(1_000) }, 1),
        ],
        leaseOf(runId),
      )
      await journal.append([settle(runId, runId), ending(runId)], leaseOf(runId))
    }
    const before = journal.size
    const { freedBytes } = await journal.prune({ keep: 1 })
    expect(freedBytes).toBeGreaterThan(500_000)
    expect(journal.size).toBe(before - freedBytes)
    const records = await collect(journal.read())
    expect(records).toHaveLength(5)
    expect(Object(records[2]).request.instructions).toBe(LARGE)
    expect((await journal.verify()).problems).toEqual([])
  })

  test('keeps what was remembered in threads, and what was not goes with its run', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(folder.file('journal.db'))
    for (const thread of ['bank', undefined]) {
      const runId = thread ?? 'alone'
      const kept = memory(runId, 1, { key: 'length', value: 24, thread })
      await journal.append(
        [...opening(runId), settle(runId, runId), kept, ending(runId)],
        leaseOf(runId),
      )
    }
    await journal.prune({ keep: 0 })
    expect(await collect(journal.memory.list())).toMatchObject([{ id: 'bank/m1', value: 24 }])
    expect(await journal.memory.read('alone/m1')).toBeUndefined()
    expect((await journal.verify()).problems).toEqual([])
  })

  test('spares a run that somebody has taken to open it again', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(await written(folder))
    const lease = await journal.acquire('a', 'me')
    await journal.prune({ keep: 0 })
    expect(await runIds(journal)).toEqual(['a', 'open'])
    if (lease !== undefined) await journal.release(lease)
    await journal.prune({ keep: 0 })
    expect(await runIds(journal)).toEqual(['open'])
  })

  test('goes on while runs are written', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(folder.file('journal.db'))
    for (let index = 0; index < 100; index++) await run(journal, `old-${index}`)
    const pruning = journal.prune({ keep: 0 })
    const lease = leaseOf('new')
    await journal.append(opening('new'), lease)
    for (let number = 1; number < 20; number++) await journal.append([log('new', number)], lease)
    await pruning
    expect(await runIds(journal)).toEqual(['new'])
    expect((await journal.verify()).problems).toEqual([])
  })
})

describe('backup', () => {
  test('copies the journal as it is, for its owner alone and without the key', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(await written(folder))
    const to = folder.file('copy.db')
    const copying = journal.backup(to)
    await journal.append([log('open', 1)], leaseOf('open')).catch(() => {})
    await copying
    expect(statSync(to).mode & 0o777).toBe(0o600)
    expect(existsSync(folder.file('copy.key'))).toBe(false)
    await using copy = await openJournal(to, { mode: 'read' })
    expect(await runIds(copy)).toEqual(['a', 'b', 'c', 'd', 'e', 'open'])
    expect((await copy.verify()).problems).toEqual([])
    const keyFile = folder.file('journal.key')
    await using withKey = await openJournal(to, { mode: 'read', keyFile })
    const records = await collect(withKey.read({ runId: 'a' }))
    expect(Object(records[2]).outcome.response.password.reveal()).toBe('a')
  })

  test('refuses a file that exists, and a folder that does not', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(await written(folder))
    writeFileSync(folder.file('mine.txt'), 'mine')
    const exists = { code: 'journal_exists' }
    await expect(journal.backup(folder.file('mine.txt'))).rejects.toMatchObject(exists)
    await expect(journal.backup(journal.path)).rejects.toMatchObject(exists)
    const noFolder = { code: 'journal_read_only' }
    await expect(journal.backup(folder.file('none/copy.db'))).rejects.toMatchObject(noFolder)
  })
})

/** Changes a database as nobody should. */
function change(path: string, sql: string): void {
  using database = new DatabaseSync(path)
  database.exec(sql)
}
