import { expect } from 'vitest'
import { type Bus, type BusOptions, createBus, type PublishOptions } from '../../bus.ts'
import type { Journal, Lease } from '../../journal.ts'
import type { JournalRecord, RecordDraft } from '../../records.ts'
import type { Run, RunEnd } from '../../run.ts'
import type { Runtime } from '../../runtime.ts'
import { createLocalTransport, type Transport } from '../../transport.ts'
import { idle, type VirtualRuntime } from '../virtual-runtime.ts'
import { wrapJournal } from '../wrap-journal.ts'
import type { ContractDriver, ContractSubject } from './driver.ts'
import { brokenRules } from './rules.ts'
import { Answered, Asked } from './types.ts'

/** Opens a world for one test; disposing it checks what must hold after every test. */
export type OpenWorld = () => Promise<World>

/** How worlds of this subject are opened. */
export function worldsOf(subject: ContractSubject): OpenWorld {
  return async () => new World(await subject.open())
}

/** A bus as one process: it can be killed. */
export interface Process {
  readonly bus: Bus
  /** Batches that this process has asked the journal to store, in order. */
  readonly batches: readonly (readonly RecordDraft[])[]
  /** Leases that this process was granted. */
  readonly leases: readonly Lease[]
  /** Nothing leaves or reaches the process any more, and its leases are free, as if they had run out. */
  kill(): Promise<void>
  /** Nothing leaves or reaches the process any more; its leases stay as they are. */
  freeze(): void
}

/** One test's journal, transport and time, and the buses on them. */
export class World implements AsyncDisposable {
  readonly driver: ContractDriver
  readonly journal: Journal
  readonly transport: Transport
  readonly runtime: VirtualRuntime
  readonly #processes: Process[] = []
  /** Runs whose process was killed. */
  readonly #lost = new Set<string>()
  readonly #rejections: unknown[] = []
  #isClosed = false
  readonly #onRejection = (reason: unknown) => this.#rejections.push(reason)

  constructor(driver: ContractDriver) {
    this.driver = driver
    this.journal = driver.journal
    this.transport = driver.transport ?? createLocalTransport()
    this.runtime = driver.runtime
    process.on('unhandledRejection', this.#onRejection)
  }

  /** A bus over the world's journal. */
  bus(options: BusOptions = {}): Bus {
    return this.process(options).bus
  }

  /** A bus over the world's journal that can be killed. */
  process(options: BusOptions = {}): Process {
    const { journal, transport, runtime } = this
    const process = startProcess({ journal, transport, runtime, ...options }, this.#lost)
    this.#processes.push(process)
    return process
  }

  /** Lets `ms` of virtual time pass, with all work of each moment done before the next. */
  async advance(ms = 0): Promise<void> {
    let left = ms
    await this.rest()
    for (;;) {
      const next = this.runtime.untilNextTimer()
      if (next === undefined || next > left) break
      await this.runtime.advance(next)
      left -= next
      await this.rest()
    }
    await this.runtime.advance(left)
    await this.rest()
  }

  /** Lets everything be done that needs no time. */
  async rest(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await (this.driver.idle ?? idle)()
  }

  /** What the promise comes to, with virtual time passing as long as it needs. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    promise.then(settle, settle)
    const from = this.runtime.elapsed()
    for (;;) {
      await this.rest()
      if (isSettled) return promise
      const next = this.runtime.untilNextTimer()
      if (next === undefined) throw new Error('nothing can settle the promise any more')
      if (this.runtime.elapsed() - from > 3_600_000) throw new Error('still pending after an hour')
      await this.runtime.advance(next)
    }
  }

  /** How the run ends. */
  end(run: Run): Promise<RunEnd> {
    return this.until(run.result)
  }

  async records(runId?: string): Promise<JournalRecord[]> {
    const records: JournalRecord[] = []
    for await (const record of this.journal.read(runId === undefined ? {} : { runId })) {
      records.push(record)
    }
    return records
  }

  /** Ids of the runs that have not ended, oldest first. */
  async openRuns(): Promise<string[]> {
    const ids: string[] = []
    for await (const { runId } of this.journal.runs({ status: ['open'] })) ids.push(runId)
    return ids.reverse()
  }

  /** Closes the journal before the test is over. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.journal.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rest()
    const records = this.#isClosed ? [] : await this.records()
    for (const { bus } of this.#processes) await this.until(bus.close())
    await this.rest()
    await this.journal.close()
    await this.driver.dispose?.()
    process.off('unhandledRejection', this.#onRejection)
    expect(this.#rejections, 'unhandled rejections').toEqual([])
    expect(brokenRules(records), 'rules of the journal that were broken').toEqual([])
  }
}

/** Resolves when this much virtual time has passed. */
export function pause({ runtime }: World, ms: number): Promise<void> {
  return new Promise((resolve) => runtime.setTimer(ms, resolve))
}

/** Opens a run: a question for `worker`, that an answer to the coordinator ends. */
export function ask(bus: Bus, options: Partial<PublishOptions> & { to?: string } = {}): Run {
  const { to = 'worker', ...rest } = options
  return bus.publish(to, Asked, { text: 'hello' }, { terminal: Answered, ...rest })
}

/**
 * A run of a team that is played in a process, which is killed when nothing moves any more or after
 * `afterMs`, and then in another one; what it ended with there.
 */
export async function resumed(
  world: World,
  playing: (bus: Bus, place: { readonly isFirst: boolean }) => void,
  { afterMs = 0 }: { readonly afterMs?: number } = {},
): Promise<RunEnd> {
  const first = world.process()
  playing(first.bus, { isFirst: true })
  const run = ask(first.bus)
  await world.advance(afterMs)
  await first.kill()
  const second = world.bus()
  playing(second, { isFirst: false })
  return world.end(await world.until(second.resume(run.id)))
}

/** The same journal with another `append`. */
export function withAppend(journal: Journal, append: Journal['append']): Journal {
  return wrapJournal(journal, { append })
}

type Surroundings = BusOptions & {
  readonly journal: Journal
  readonly transport: Transport
  readonly runtime: Runtime
}

function startProcess(options: Surroundings, lost: Set<string>): Process {
  const { journal, transport, runtime } = options
  const leases = new Map<string, Lease>()
  const batches: (readonly RecordDraft[])[] = []
  let isDead = false
  const forever = <T>() => new Promise<T>(() => {})
  const bus = createBus({
    ...options,
    journal: {
      ...withAppend(journal, (batch, lease) => {
        if (isDead) return forever()
        leases.set(lease.runId, lease)
        batches.push([...batch])
        return journal.append(batch, lease)
      }),
      async acquire(runId, owner) {
        if (isDead) return forever()
        const free = await journal.acquire(runId, owner)
        if (free === undefined) return undefined
        const lease = lost.delete(runId) ? { ...free, isLost: true as const } : free
        leases.set(runId, lease)
        return lease
      },
      renew: (lease) => (isDead ? forever() : journal.renew(lease)),
      release: async (lease) => {
        if (!isDead) await journal.release(lease)
      },
    },
    transport: {
      send: (message) => {
        if (!isDead) transport.send(message)
      },
      receive: (role, deliver) =>
        transport.receive(role, (message) => {
          if (!isDead) deliver(message)
        }),
    },
    runtime: {
      now: () => runtime.now(),
      elapsed: () => runtime.elapsed(),
      random: () => runtime.random(),
      newId: () => runtime.newId(),
      setTimer: (delayMs, run) =>
        runtime.setTimer(delayMs, () => {
          if (!isDead) run()
        }),
    },
  })
  return {
    bus,
    batches,
    get leases() {
      return [...leases.values()]
    },
    freeze() {
      isDead = true
    },
    async kill() {
      isDead = true
      for (const lease of leases.values()) {
        lost.add(lease.runId)
        await journal.release(lease)
      }
    },
  }
}
