import { copyFileSync, createReadStream, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { DEMO_PASSPHRASE, demoHandlers, demoListener } from '../../test/fixtures/demo-handlers.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { createBus } from '../bus.ts'
import type { Journal } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { replayDeliveries } from '../replay/replay.ts'
import { Secret, secretsIn } from '../secret.ts'
import { collect } from '../testing/contract/collect.ts'
import { answer, listener, play, subscriber } from '../testing/contract/types.ts'
import { EXPORT_VERSION } from '../transfer/format.ts'
import { importRuns } from '../transfer/import-runs.ts'
import { openJournal } from './open-journal.ts'
import { MIGRATIONS } from './schema.ts'

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url))

/** The runs of a kept journal, newest first: how they have ended, and what a replay comes to. */
type Kept = readonly (readonly [runId: string, status: string, replayed: readonly string[]])[]

const RUNS: Kept = [
  ['open', 'open', []],
  ['cancelled', 'cancelled', []],
  ['reopened', 'completed', ['identical']],
  ['failed', 'failed', ['skipped']],
  ['remembers', 'completed', ['identical']],
  ['completed', 'completed', ['identical']],
]

/** With forks, a listener, every kind of join, and `once` steps inside steps. */
const LATER_RUNS: Kept = [
  ['open', 'open', ['identical']],
  ['cancelled', 'cancelled', ['identical']],
  ['rebought', 'completed', ['identical']],
  ['twice', 'completed', ['identical']],
  ['forked', 'completed', ['identical']],
  ['settled', 'completed', ['identical', 'skipped']],
  ['raced', 'completed', ['identical', 'skipped']],
  ['bought', 'completed', ['identical']],
  ['reopened', 'completed', ['identical']],
  ['failed', 'failed', ['skipped']],
  ['remembers', 'completed', ['identical']],
  ['completed', 'completed', ['identical']],
]

/** Journals that are kept as the versions of their schema wrote them, see test/fixtures/write-journal.ts. */
const KEPT = [
  { version: 1, runs: RUNS },
  { version: 2, runs: LATER_RUNS },
]

/** What a replay of each run of a journal comes to. */
async function replayed(journal: Journal): Promise<ReadonlyMap<string, readonly string[]>> {
  const roles = new Map(
    [...demoHandlers(() => true)].map(([role, handle]) => [role, subscriber(handle)]),
  )
  const listeners = new Map([['auditor', listener(demoListener)]])
  const found = new Map<string, readonly string[]>()
  for await (const { runId } of journal.runs()) {
    const records = await collect(journal.read({ runId }))
    const deliveries = replayDeliveries({ records, roles, listeners, memory: journal.memory })
    const statuses = (await collect(deliveries)).map(({ status }) => status)
    found.set(runId, [...new Set(statuses)].sort())
  }
  return found
}

/** Exports that are kept as the versions of their format wrote them. */
const EXPORTS = [
  { version: 1, runs: LATER_RUNS },
  { version: 2, runs: LATER_RUNS },
]

test('an export of every version is kept', () => {
  expect(EXPORTS.map(({ version }) => version)).toEqual(
    Array.from({ length: EXPORT_VERSION }, (_, index) => index + 1),
  )
})

test.each(EXPORTS)(
  'an export of version $version is imported and replayed alike',
  async ({ version, runs }) => {
    const journal = createMemoryJournal()
    const open = () => createReadStream(fixture(`export-v${version}.jsonl`))
    await importRuns(journal, open, { passphrase: DEMO_PASSPHRASE })
    expect(await replayed(journal)).toEqual(
      new Map(runs.map(([runId, , statuses]) => [runId, statuses])),
    )
  },
)

test('a journal of every version is kept', () => {
  expect(KEPT.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1))
})

describe.each(KEPT)('a journal of version $version', ({ version, runs: kept }) => {
  /** A copy of it, with its key. */
  function copied() {
    const folder = temporaryFolder()
    for (const ending of ['db', 'key']) {
      copyFileSync(fixture(`journal-v${version}.${ending}`), folder.file(`journal.${ending}`))
    }
    return { path: folder.file('journal.db'), [Symbol.dispose]: () => folder[Symbol.dispose]() }
  }

  test.each(['write', 'read'] as const)('is read as it was written, in mode %s', async (mode) => {
    using copy = copied()
    await using journal = await openJournal(copy.path, { mode })
    const records = await collect(journal.read())
    const expected: unknown = JSON.parse(readFileSync(fixture(`journal-v${version}.json`), 'utf8'))
    expect(JSON.parse(JSON.stringify(records))).toEqual(expected)
    const values = new Set(secretsIn(records).map((secret) => secret.reveal()))
    expect(values).toEqual(new Set(['opensesame']))
    expect((await journal.verify()).problems).toEqual([])
  })

  test('lists its runs and finds what was remembered', async () => {
    using copy = copied()
    await using journal = await openJournal(copy.path, { mode: 'read' })
    const runs = await collect(journal.runs())
    expect(runs.map(({ runId, status }) => [runId, status])).toEqual(
      kept.map(([runId, status]) => [runId, status]),
    )
    expect(runs.at(-1)).toMatchObject({ team: 'demo', thread: 'bank' })
    const scope = { role: 'worker', runId: 'another', thread: 'bank' }
    const [found] = await journal.memory.search(scope, 'bank', 10)
    expect(found?.value).toMatchObject({ characters: 24, password: expect.any(Secret) })
  })

  test('is replayed alike', async () => {
    using copy = copied()
    await using journal = await openJournal(copy.path, { mode: 'read' })
    expect(await replayed(journal)).toEqual(
      new Map(kept.map(([runId, , statuses]) => [runId, statuses])),
    )
  })

  test('is forked', async () => {
    using copy = copied()
    await using journal = await openJournal(copy.path)
    await using bus = createBus({ journal })
    for (const [role, handle] of demoHandlers(() => true)) play(bus, role, handle)
    const before = await collect(journal.runs({ forkedFrom: 'completed' }))
    const run = await bus.fork('completed', { at: 'completed.b1', data: { text: 'one more' } })
    expect(await run.result).toMatchObject({ status: 'completed' })
    const forks = await collect(journal.runs({ forkedFrom: 'completed' }))
    expect(forks.map(({ runId }) => runId)).toEqual([run.id, ...before.map(({ runId }) => runId)])
    expect(before.map(({ runId }) => runId)).toEqual(version === 1 ? [] : ['forked'])
  })

  test('goes on with what it has left open', async () => {
    using copy = copied()
    await using journal = await openJournal(copy.path)
    const bus = createBus({ journal })
    play(bus, 'stuck', (_message, ctx) => void answer(ctx, 'at last'))
    const run = await bus.resume('open')
    expect(await run.result).toMatchObject({ status: 'completed' })
    await bus.close()
  })
})
