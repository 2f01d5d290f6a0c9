import { copyFileSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { demoHandlers } from '../../test/fixtures/demo-handlers.ts'
import { createBus } from '../bus.ts'
import { replayDeliveries } from '../replay/replay.ts'
import { Secret, secretsIn } from '../secret.ts'
import { collect } from '../testing/contract/collect.ts'
import { answer, play, subscriber } from '../testing/contract/types.ts'
import { openJournal } from './open-journal.ts'

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url))

/** Versions of which a journal is kept, as test/fixtures/write-journal.ts has written it. */
const VERSIONS = ['v1']

describe.each(VERSIONS)('a journal of version %s', (version) => {
  /** A copy of it, with its key. */
  function copied() {
    const folder = temporaryFolder()
    for (const ending of ['db', 'key']) {
      copyFileSync(fixture(`journal-${version}.${ending}`), folder.file(`journal.${ending}`))
    }
    return { path: folder.file('journal.db'), [Symbol.dispose]: () => folder[Symbol.dispose]() }
  }

  test.each(['write', 'read'] as const)('is read as it was written, in mode %s', async (mode) => {
    using copy = copied()
    await using journal = await openJournal(copy.path, { mode })
    const records = await collect(journal.read())
    const expected: unknown = JSON.parse(readFileSync(fixture(`journal-${version}.json`), 'utf8'))
    expect(JSON.parse(JSON.stringify(records))).toEqual(expected)
    const values = new Set(secretsIn(records).map((secret) => secret.reveal()))
    expect(values).toEqual(new Set(['opensesame']))
    expect((await journal.verify()).problems).toEqual([])
  })

  test('lists its runs and finds what was remembered', async () => {
    using copy = copied()
    await using journal = await openJournal(copy.path, { mode: 'read' })
    const runs = await collect(journal.runs())
    expect(runs.map(({ runId, status }) => `${runId}: ${status}`)).toEqual([
      'open: open',
      'cancelled: cancelled',
      'reopened: completed',
      'failed: failed',
      'remembers: completed',
      'completed: completed',
    ])
    expect(runs.at(-1)).toMatchObject({ team: 'demo', thread: 'bank' })
    const scope = { role: 'worker', runId: 'another', thread: 'bank' }
    const [found] = await journal.memory.search(scope, 'bank', 10)
    expect(found?.value).toMatchObject({ characters: 24, password: expect.any(Secret) })
  })

  test('is replayed alike', async () => {
    using copy = copied()
    await using journal = await openJournal(copy.path, { mode: 'read' })
    const roles = new Map(
      [...demoHandlers(() => true)].map(([role, handle]) => [role, subscriber(handle)]),
    )
    const replayed: Record<string, readonly string[]> = {}
    for await (const { runId } of journal.runs()) {
      const records = await collect(journal.read({ runId }))
      const deliveries = replayDeliveries({ records, roles, memory: journal.memory })
      const statuses = (await collect(deliveries)).map(({ status }) => status)
      replayed[runId] = [...new Set(statuses)]
    }
    expect(replayed).toEqual({
      completed: ['identical'],
      remembers: ['identical'],
      reopened: ['identical'],
      failed: ['skipped'],
      cancelled: [],
      open: [],
    })
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
