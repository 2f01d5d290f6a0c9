import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { createBus } from '../bus.ts'
import type { Journal, RunsQuery } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { collect } from '../testing/contract/collect.ts'
import { describeContract } from '../testing/contract/describe-contract.ts'
import { ending, leaseOf, opening } from '../testing/contract/drafts.ts'
import type { ContractDriver } from '../testing/contract/driver.ts'
import { Answered, Asked, answer, play } from '../testing/contract/types.ts'
import { createVirtualRuntime, idle } from '../testing/virtual-runtime.ts'
import { wrapJournal } from '../testing/wrap-journal.ts'
import { systemHost } from './host.ts'
import { openFile, openJournal } from './open-journal.ts'

describeContract({
  name: 'SQLite journal',
  open: () => {
    const runtime = createVirtualRuntime()
    const folder = temporaryFolder()
    const dead = new Set<string>()
    const host = { ...systemHost(), isOwnerAlive: (owner: string) => !dead.has(owner) }
    const journal = openFile(folder.file('journal.db'), { runtime }, host)
    return {
      ...counted(journal),
      runtime,
      kill: (owner) => void dead.add(owner),
      dispose: () => folder[Symbol.dispose](),
    }
  },
})

/** The same journal, of which one knows when it has answered everything. */
function counted(journal: Journal): Pick<ContractDriver, 'journal' | 'idle'> {
  let pending = 0
  const count = <T>(answer: Promise<T>): Promise<T> => {
    pending++
    return answer.finally(() => pending--)
  }
  return {
    journal: wrapJournal(journal, {
      append: (batch, lease) => count(journal.append(batch, lease)),
      acquire: (runId, owner) => count(journal.acquire(runId, owner)),
      renew: (lease) => count(journal.renew(lease)),
      release: (lease) => count(journal.release(lease)),
      close: () => count(journal.close()),
    }),
    async idle() {
      do await idle()
      while (pending > 0)
      await idle()
    },
  }
}

describe('a journal in a file', () => {
  test('lists runs as the memory journal does, whatever is asked for', async () => {
    using folder = temporaryFolder()
    await using file = await openJournal(folder.file('journal.db'))
    const reference = createMemoryJournal()
    const statuses = ['completed', 'failed', 'cancelled', undefined] as const
    for (let index = 0; index < 250; index++) {
      const runId = `${'abc'[index % 3]}_${index}`
      const about = index % 5 === 0 ? { team: 'demo' } : {}
      const thread = index % 7 === 0 ? { thread: 'bank' } : {}
      const [opened, root] = opening(runId, { at: index, about, ...thread })
      if (opened === undefined || root === undefined) throw new Error('a run has a root')
      const status = statuses[index % 4]
      const end = status === undefined ? [] : [{ ...ending(runId, status), at: index + 1 }]
      for (const journal of [file, reference]) {
        await journal.append([{ ...opened }, { ...root }, ...end], leaseOf(runId))
      }
    }
    const queries: readonly RunsQuery[] = [
      {},
      { status: [] },
      { status: ['open'] },
      { status: ['completed'] },
      { status: ['failed', 'open', 'failed'] },
      { status: ['completed', 'stalled'], team: 'demo' },
      { team: 'demo', thread: 'bank' },
      { team: 'unknown' },
      { idPrefix: 'a' },
      { idPrefix: 'a_1' },
      { idPrefix: 'a_', since: 100, until: 200, status: ['failed', 'completed'] },
      { since: 240 },
      { until: 10 },
      { since: 50, until: 51 },
      { idPrefix: '%' },
    ]
    for (const query of queries) {
      expect(await collect(file.runs(query)), JSON.stringify(query)).toEqual(
        await collect(reference.runs(query)),
      )
    }
  })

  test.each([1, 100])(
    'commits once for each turn of %i runs at once, steps included',
    async (runs) => {
      using folder = temporaryFolder()
      await using journal = await openJournal(folder.file('journal.db'))
      await using bus = createBus({ journal })
      for (const [role, next] of [
        ['one', 'two'],
        ['two', undefined],
      ] as const) {
        play(bus, role, async (_message, ctx) => {
          await ctx.step({ name: 'work', request: role, perform: () => role })
          if (next === undefined) answer(ctx)
          else ctx.handoff(next, Asked, { text: role })
        })
      }
      const before = commitsIn(`${journal.path}-wal`)
      const publish = () => bus.publish('one', Asked, { text: 'x' }, { terminal: Answered }).result
      await Promise.all(Array.from({ length: runs }, publish))
      // The opening, and one settlement for each of two deliveries.
      expect(commitsIn(`${journal.path}-wal`) - before).toBe(3)
    },
  )
})

/** How many transactions a WAL file has, by its frames of 24 bytes and a page. */
function commitsIn(path: string): number {
  const wal = readFileSync(path)
  let commits = 0
  for (let at = 32; at + 24 <= wal.length; at += 24 + 4_096) {
    const isOfThisWal = wal.compare(wal, 16, 24, at + 8, at + 16) === 0
    // The last frame of a transaction has the size of the database.
    if (isOfThisWal && wal.readUInt32BE(at + 4) > 0) commits++
  }
  return commits
}
