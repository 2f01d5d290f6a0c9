import { describe, expect, test } from 'vitest'
import { createMachine, type MachineOptions } from '../../test/machine.ts'
import { startChild } from '../../test/start-journal-child.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { JournalConflictError, StaleEpochError } from '../errors.ts'
import type { Journal, Lease } from '../journal.ts'
import { collect } from '../testing/contract/collect.ts'
import { ending, leaseOf, log, opening, openRun } from '../testing/contract/drafts.ts'
import { createVirtualRuntime, type VirtualRuntime } from '../testing/virtual-runtime.ts'
import { openFile, openJournal } from './open-journal.ts'

const LEASE_MS = 30_000

/** A file that made-up processes share, and their time. */
function openShared() {
  const folder = temporaryFolder()
  const runtime = createVirtualRuntime()
  const machine = createMachine(runtime)
  const journals: Journal[] = []
  const open = async (pid: number, on = machine, at: VirtualRuntime = runtime) => {
    const options = { runtime: at, leaseMs: LEASE_MS }
    const journal = await openFile(folder.file('journal.db'), options, on.process(pid))
    journals.push(journal)
    return journal
  }
  return {
    runtime,
    machine,
    open,
    elsewhere: (options: MachineOptions) => createMachine(runtime, options),
    async [Symbol.asyncDispose]() {
      for (const journal of journals) await journal.close()
      folder[Symbol.dispose]()
    },
  }
}

async function lines(journal: Journal, runId: string): Promise<number[]> {
  const records = await collect(journal.read({ runId }))
  return records.flatMap((record) => (record.kind === 'log' ? [record.number] : []))
}

describe('processes that share a journal', () => {
  test('know which of them has a run', async () => {
    await using shared = openShared()
    const [one, two] = [await shared.open(1), await shared.open(2)]
    const lease = await openRun(one, 'a')

    expect(await two.holder('a')).toMatchObject({ pid: 1, host: expect.any(String) })
    expect(await one.holder('a')).toEqual(await two.holder('a'))
    await one.release(lease)
    expect(await two.holder('a')).toBeUndefined()
    expect(await two.holder('b')).toBeUndefined()
  })

  test('number their records together, and see what the others have stored', async () => {
    await using shared = openShared()
    const [one, two] = [await shared.open(1), await shared.open(2)]
    const a = await openRun(one, 'a')
    const b = await openRun(two, 'b')
    for (let number = 1; number <= 5; number++) {
      await one.append([log('a', number)], a)
      await two.append([log('b', number)], b)
    }
    for (const journal of [one, two]) {
      const records = await collect(journal.read())
      expect(records.map(({ seq }) => seq)).toEqual(records.map((_record, index) => index + 1))
      expect(await journal.lastSeq()).toBe(14)
      expect(await lines(journal, 'a')).toEqual([1, 2, 3, 4, 5])
      expect((await collect(journal.runs())).map(({ runId }) => runId)).toEqual(['b', 'a'])
    }
  })

  test('do not open a run of the same id, and do not take one that another has', async () => {
    await using shared = openShared()
    const [one, two] = [await shared.open(1), await shared.open(2)]
    const lease = await openRun(one, 'a')
    const again = two.append(opening('a'), leaseOf('a', 'other'))
    const after = two.append([log('a', 1)], leaseOf('a', 'other'))
    await expect(again).rejects.toThrow(JournalConflictError)
    await expect(after).rejects.toThrow(StaleEpochError)
    expect(await two.acquire('a', 'other')).toBeUndefined()
    await one.append([log('a', 1), ending('a')], lease)
    expect(await two.acquire('a', 'other')).toMatchObject({ epoch: 2, owner: 'other' })
  })

  test('a follower gets what another process appends', async () => {
    await using shared = openShared()
    const [one, two] = [await shared.open(1), await shared.open(2)]
    const aborter = new AbortController()
    const seen: number[] = []
    const following = (async () => {
      for await (const { seq } of two.follow({ signal: aborter.signal, runId: 'a' })) seen.push(seq)
    })()
    const lease = await openRun(one, 'a')
    await shared.runtime.advance(200)
    await one.append([log('a', 1)], lease)
    await shared.runtime.advance(200)
    expect(seen).toEqual([1, 2, 3])
    aborter.abort()
    await following
  })

  test('the runs of a process that has died go to another one at once, as lost', async () => {
    await using shared = openShared()
    const [one, two] = [await shared.open(1), await shared.open(2)]
    await openRun(one, 'a')
    expect(await two.acquire('a', 'other')).toBeUndefined()
    shared.machine.kill(1)
    const lease = { runId: 'a', epoch: 2, owner: 'other', isLost: true }
    expect(await two.acquire('a', 'other')).toEqual(lease)
  })

  test('the runs of a process that has closed its journal are free, and not lost', async () => {
    await using shared = openShared()
    const [one, two] = [await shared.open(1), await shared.open(2)]
    await openRun(one, 'a')
    await one.close()
    expect(await two.acquire('a', 'other')).toEqual({ runId: 'a', epoch: 2, owner: 'other' })
  })

  test('a process that does not renew loses its runs at the end of the lease', async () => {
    await using shared = openShared()
    const [one, two] = [await shared.open(1), await shared.open(2)]
    const lease = await openRun(one, 'a')
    const renew = async (ms: number) => {
      await shared.runtime.advance(ms)
      return one.renew(lease)
    }
    for (let times = 0; times < 5; times++) {
      expect(await renew(LEASE_MS - 1_000)).toBe(true)
      expect(await two.acquire('a', 'other')).toBeUndefined()
    }
    await shared.runtime.advance(LEASE_MS)
    expect(await two.acquire('a', 'other')).toMatchObject({ epoch: 2, isLost: true })
    expect(await one.renew(lease)).toBe(false)
  })

  test('what a process appends to a run that was taken is refused, and to others is not', async () => {
    await using shared = openShared()
    const [one, two] = [await shared.open(1), await shared.open(2)]
    const a = await openRun(one, 'a')
    const b = await openRun(one, 'b')
    await shared.runtime.advance(LEASE_MS)
    const taken = await two.acquire('a', 'other')
    const append = (lease: Lease) => one.append([log(lease.runId, 1)], lease)
    const [first, second, third] = await Promise.allSettled([append(a), append(b), append(a)])
    expect(first).toMatchObject({ status: 'rejected', reason: expect.any(StaleEpochError) })
    expect(second).toMatchObject({ status: 'fulfilled' })
    expect(third).toMatchObject({ status: 'rejected', reason: expect.any(StaleEpochError) })
    if (taken !== undefined) await two.append([log('a', 7)], taken)
    expect(await lines(one, 'a')).toEqual([7])
    await one.release(a)
    expect(await one.acquire('a', 'me')).toBeUndefined()
  })

  test('a wall clock that jumps takes no run from a process that lives, and keeps none', async () => {
    await using shared = openShared()
    const [one, two] = [await shared.open(1), await shared.open(2)]
    await openRun(one, 'a')
    shared.runtime.jump(3_600_000)
    expect(await two.acquire('a', 'other')).toBeUndefined()
    shared.runtime.jump(-7_200_000)
    await shared.runtime.advance(LEASE_MS)
    expect(await two.acquire('a', 'other')).toMatchObject({ epoch: 2 })
  })

  test('what a machine left before it was booted again is free at once', async () => {
    await using shared = openShared()
    const [one, two] = [
      await shared.open(1),
      await shared.open(1, shared.elsewhere({ boot: 'boot-2' })),
    ]
    await openRun(one, 'a')
    expect(await two.acquire('a', 'other')).toMatchObject({ epoch: 2, isLost: true })
  })

  test('a process of another container is told by its lease alone', async () => {
    await using shared = openShared()
    const container = shared.elsewhere({ name: 'container', space: 'space-2' })
    const [one, two] = [await shared.open(1), await shared.open(1, container)]
    await openRun(one, 'a')
    container.kill(1)
    expect(await two.acquire('a', 'other')).toBeUndefined()
    await shared.runtime.advance(LEASE_MS)
    expect(await two.acquire('a', 'other')).toMatchObject({ epoch: 2 })
  })

  test('a process on another machine has its lease by the wall clock, or as long as one heard of it', async () => {
    await using shared = openShared()
    const there = shared.elsewhere({ name: 'there', boot: 'boot-9' })
    const [one, two] = [await shared.open(1), await shared.open(2, there)]
    await openRun(one, 'a')
    expect(await two.acquire('a', 'other')).toBeUndefined()
    shared.runtime.jump(-3_600_000)
    await shared.runtime.advance(LEASE_MS - 1)
    expect(await two.acquire('a', 'other')).toBeUndefined()
    await shared.runtime.advance(1)
    expect(await two.acquire('a', 'other')).toMatchObject({ epoch: 2 })
  })
})

describe('real processes', () => {
  test('append to one journal at the same time, each run in its order', async () => {
    using folder = temporaryFolder()
    const path = folder.file('journal.db')
    await using one = await startChild(path)
    await using two = await startChild(path)
    const write = async (child: typeof one, prefix: string) => {
      for (let run = 0; run < 10; run++) {
        await child.ask({ name: 'write', runId: `${prefix}-${run}`, lines: 50 })
      }
    }
    await Promise.all([write(one, 'one'), write(two, 'two')])
    await using journal = await openJournal(path, { mode: 'read' })
    const numbers = Array.from({ length: 50 }, (_none, index) => index + 1)
    for (const prefix of ['one', 'two']) {
      for (let run = 0; run < 10; run++) {
        expect(await lines(journal, `${prefix}-${run}`)).toEqual(numbers)
      }
    }
    expect(await journal.verify()).toEqual({ problems: [], runs: 20, records: 20 * 52 })
  })

  test('that are killed leave their runs to others at once, with all that was acknowledged', async () => {
    using folder = temporaryFolder()
    const path = folder.file('journal.db')
    await using one = await startChild(path)
    await using two = await startChild(path)
    await one.ask({ name: 'write', runId: 'a', lines: 10 })
    expect(await two.ask({ name: 'acquire', runId: 'a' })).toBeNull()
    await one.kill()
    expect(await two.ask({ name: 'acquire', runId: 'a' })).toMatchObject({ epoch: 2, isLost: true })
    await using journal = await openJournal(path, { mode: 'read' })
    expect(await lines(journal, 'a')).toHaveLength(10)
  })

  test('open a new journal at the same time', async () => {
    using folder = temporaryFolder()
    const path = folder.file('journal.db')
    const children = await Promise.all([startChild(path), startChild(path), startChild(path)])
    for (const [index, child] of children.entries()) {
      await child.ask({ name: 'write', runId: `run-${index}`, lines: 1 })
      await child.kill()
    }
    await using journal = await openJournal(path)
    expect(await journal.verify()).toEqual({ problems: [], runs: 3, records: 9 })
  })
})
