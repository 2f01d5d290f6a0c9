import { describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../errors.ts'
import type { Journal } from '../journal.ts'
import { seededRandom } from '../random.ts'
import { describeContract } from '../testing/contract/describe-contract.ts'
import type { ContractDriver } from '../testing/contract/driver.ts'
import { createVirtualRuntime, idle } from '../testing/virtual-runtime.ts'
import { wrapJournal } from '../testing/wrap-journal.ts'
import { createLocalTransport, type Notice, type Transport } from '../transport.ts'
import { createMemoryJournal } from './memory.ts'

describeContract({
  name: 'memory journal',
  open: () => {
    const runtime = createVirtualRuntime()
    const dead = new Set<string>()
    const closedRuns = 50
    const isAlive = (owner: string) => !dead.has(owner)
    const journal = createMemoryJournal({ runtime, closedRuns, isAlive })
    return { journal, runtime, closedRuns, kill: (owner) => void dead.add(owner) }
  },
})

describeContract({
  name: 'memory journal with leases that run out',
  open: () => {
    const runtime = createVirtualRuntime()
    return { journal: createMemoryJournal({ runtime, leaseMs: 30_000 }), runtime }
  },
})

describeContract({
  name: 'memory journal with a transport that repeats and reorders',
  open: () => {
    const runtime = createVirtualRuntime()
    return { journal: createMemoryJournal({ runtime }), transport: unrulyTransport(), runtime }
  },
})

describeContract({
  name: 'memory journal that takes its time',
  open: () => {
    const runtime = createVirtualRuntime()
    return { ...unhurried(createMemoryJournal({ runtime })), runtime }
  },
})

describe('createMemoryJournal', () => {
  test.each([{ closedRuns: -1 }, { closedRuns: 1.5 }, { leaseMs: 0 }, { leaseMs: Number.NaN }])(
    'refuses %o',
    (options) => {
      expect(() => createMemoryJournal(options)).toThrow(InvalidOptionError)
    },
  )

  test('counts a run among the closed ones from its latest end', async () => {
    const journal = createMemoryJournal({ closedRuns: 2 })
    const usage = { inputTokens: 0, outputTokens: 0, modelCalls: 0, toolCalls: 0 }
    const at = 1
    const lease = (runId: string) => ({ runId, epoch: 1, owner: 'me' })
    const end = (runId: string) =>
      ({ kind: 'run.ended', runId, at, status: 'completed', usage }) as const
    const close = (runId: string) => {
      const [limits, about] = [{ maxHops: 1 }, {}]
      const opened = { version: 1, terminal: 'done', limits, seed: 1, about }
      return journal.append(
        [{ kind: 'run.opened', runId, at, ...opened }, end(runId)],
        lease(runId),
      )
    }
    const kept = async () => {
      const runs = new Set<string>()
      for await (const { runId } of journal.read()) runs.add(runId)
      return [...runs].sort()
    }

    await close('a')
    await close('b')
    const again = await journal.acquire('a', 'me')
    if (again === undefined) throw new Error('nobody else holds it')
    const limits = { maxHops: 1 }
    await journal.append(
      [{ kind: 'run.reopened', runId: 'a', at, reason: 'again', limits, revived: [] }],
      again,
    )
    await close('c')
    expect(await kept()).toEqual(['a', 'b', 'c'])
    await journal.append([end('a')], again)
    expect(await kept()).toEqual(['a', 'c'])
    await close('d')
    expect(await kept()).toEqual(['a', 'd'])
  })
})

/** Stores a batch a while after it got it, and acknowledges it a while after that. */
function unhurried(journal: Journal): Pick<ContractDriver, 'journal' | 'idle'> {
  let last: Promise<unknown> = Promise.resolve()
  let pending = 0
  const append: Journal['append'] = (batch, lease) => {
    pending++
    const stored = last.then(idle).then(() => journal.append(batch, lease))
    last = stored.catch(() => {})
    return stored.finally(idle).finally(() => pending--)
  }
  return {
    journal: wrapJournal(journal, { append }),
    async idle() {
      do await idle()
      while (pending > 0)
      await idle()
    },
  }
}

/** Brings each message one to three times, in an order of its own, the same in every test. */
function unrulyTransport(): Transport {
  const local = createLocalTransport()
  const random = seededRandom(7)
  const bag: Notice[] = []
  let isShaken = false
  const shake = () => {
    isShaken = false
    const all = bag.splice(0)
    while (all.length > 0) {
      for (const notice of all.splice(Math.floor(random() * all.length), 1)) local.send(notice)
    }
  }
  return {
    send(notice) {
      for (let copies = Math.ceil(random() * 3); copies > 0; copies--) bag.push(notice)
      if (isShaken) return
      isShaken = true
      queueMicrotask(() => queueMicrotask(() => queueMicrotask(shake)))
    },
    receive: (role, deliver) => local.receive(role, deliver),
  }
}
