import type { Journal } from '../../journal.ts'
import { Behaviour } from './behaviour.ts'
import type { Choices } from './choices.ts'
import { Client } from './client.ts'
import { Clock } from './clock.ts'
import { Effects } from './effects.ts'
import { type ScheduleLine, type Source, takeFrom, turn } from './events.ts'
import { Findings } from './invariants.ts'
import { Ledger } from './ledger.ts'
import { Network } from './network.ts'
import type { Sabotage } from './sabotage.ts'
import type { Scenario } from './scenario.ts'
import { type ProcessWorld, SimulatedProcess } from './simulated-process.ts'
import { type CreateStore, memoryStore, type Store } from './store.ts'
import { Watch } from './watch.ts'

/** More events than any world needs. */
const MOST_EVENTS = 20_000

/** What a world can be told. */
export interface WorldOptions {
  readonly sabotage?: Sabotage
  readonly isTraced?: boolean
  readonly store?: CreateStore
}

/** A simulated world: processes around one journal, and one scheduler that picks what happens next. */
export class World implements ProcessWorld {
  readonly scenario: Scenario
  readonly findings = new Findings()
  readonly ledger: Ledger
  readonly watch: Watch
  readonly clock = new Clock()
  readonly effects = new Effects()
  readonly network: Network
  readonly client: Client
  readonly #records: Store
  readonly sabotage: Sabotage
  readonly counts = {
    events: 0,
    deaths: 0,
    zombies: 0,
    closes: 0,
    kills: 0,
    replayed: 0,
    forked: 0,
  }
  readonly lines: ScheduleLine[] = []
  readonly #choices: Choices
  readonly #isTraced: boolean
  #processes: SimulatedProcess[] = []
  #started = 0
  #nonces = 0

  constructor(scenario: Scenario, choices: Choices, options: WorldOptions) {
    const { sabotage = {}, isTraced = false, store = memoryStore } = options
    this.scenario = scenario
    this.sabotage = sabotage
    this.#choices = choices
    this.#isTraced = isTraced
    this.ledger = new Ledger(scenario, new Behaviour(scenario), this.findings)
    this.watch = new Watch(this.ledger)
    this.client = new Client(this.ledger, () => this.current)
    this.network = new Network(() => this.#choices.next(1, 1, scenario.duplicateRate) === 1)
    this.#records = store((process) => this.#isAlive(process))
  }

  /** The process that everybody takes for alive. */
  get current(): SimulatedProcess {
    const last = this.#processes.at(-1)
    return last?.state === 'alive' ? last : this.#start()
  }

  journalOf(process: number): Journal {
    const journal = this.#records.open(process)
    return this.sabotage.store?.(journal) ?? journal
  }

  /** Frees what the world holds outside of this process. */
  close(): Promise<void> {
    return this.#records.close()
  }

  nextNonce(): number {
    return ++this.#nonces
  }

  killed(by: SimulatedProcess, messageId: string): void {
    if (by.state === 'dead') return
    if (by.state === 'alive') by.killedBy = messageId
    this.counts.kills++
    this.#die(by)
    this.#say(`${messageId} kills process ${by.number}`, false)
  }

  /** Publishes the runs and lets things happen until nothing is left to happen. */
  async live(): Promise<void> {
    for (const plan of this.scenario.runs) {
      // Left out is the calm choice, so that a shrunk schedule has no run that it does not need.
      if (this.#choices.next(1, 1, 1) === 0) continue
      const act = () => this.client.publish(plan, this.current)
      this.client.actions.push({ label: `${plan.runId} is published to '${plan.to}'`, act })
    }
    const { findings } = this
    while (findings.broken === undefined && (this.#next() || this.#wakeUp())) {
      await this.#turn()
    }
  }

  /** Lets things happen in their order, without faults or time, until that is so or nothing is left. */
  async calm(isSo: () => boolean): Promise<void> {
    await this.#turn()
    while (this.findings.broken === undefined && !isSo()) {
      const busy = this.#processes.find(({ journal }) => journal.pending > 0)
      if (busy !== undefined) busy.journal.commit()
      else if (this.network.size > 0) this.network.deliver(0)
      else return
      await this.#turn()
    }
  }

  async #turn(): Promise<void> {
    await turn()
    if (++this.counts.events > MOST_EVENTS) {
      this.findings.break('every-run-ends', `still busy after ${MOST_EVENTS} events`)
    }
  }

  /** Lets one thing happen; false where there is none. */
  #next(): boolean {
    const { network, effects, clock, client } = this
    const busy = this.#processes.filter(({ journal }) => journal.pending > 0)
    const unstored = busy.filter(({ journal }) => journal.unstored > 0)
    const { actions } = client
    const work = busy.length + network.size + effects.size + actions.length
    const mayRing = clock.isNeeded
    if (work === 0 && !mayRing) return false
    const calm = work === 0 ? 1 : work + unstored.length
    const faults = this.#faults(work > 0 && mayRing)
    const choice = this.#choices.next(calm, faults.length, this.scenario.faultRate)
    const fault = faults[choice - calm]
    const sources: readonly Source[] = [
      { size: busy.length, take: (at) => this.#store(busy[at], 'all') },
      { size: network.size, take: (at) => network.deliver(at) },
      { size: effects.size, take: (at) => effects.complete(at) },
      { size: actions.length, take: (at) => client.act(at) },
      { size: unstored.length, take: (at) => this.#store(unstored[at], 'next') },
    ]
    const text =
      fault !== undefined ? fault() : work === 0 ? this.#ring() : takeFrom(sources, choice)
    this.#say(text, choice === 0)
    return true
  }

  #store(by: SimulatedProcess | undefined, what: 'all' | 'next'): string {
    if (by === undefined) return 'nothing is stored'
    return what === 'all'
      ? `process ${by.number} stores ${by.journal.commit()}`
      : `process ${by.number} stores ${by.journal.storeNext()}, and is not told yet`
  }

  #faults(mayRing: boolean): (() => string)[] {
    const { scenario, counts } = this
    const faults: (() => string)[] = []
    if (mayRing && scenario.hasEarlyTimers) faults.push(() => this.#ring())
    if (counts.deaths + counts.zombies + counts.closes >= scenario.deaths) return faults
    for (const by of this.#processes) {
      faults.push(() => {
        counts.deaths++
        this.#die(by)
        return `process ${by.number} dies`
      })
    }
    if (this.#processes.length > 1) return faults
    faults.push(
      () => {
        counts.zombies++
        this.current.state = 'zombie'
        return `process ${this.#processes[0]?.number} is taken for dead, and lives on`
      },
      () => {
        counts.closes++
        const by = this.current
        void by.bus.close()
        by.state = 'zombie'
        return `process ${by.number} closes its bus`
      },
    )
    return faults
  }

  /** Nothing can happen by itself: what was left by others is taken over. False where nothing was. */
  #wakeUp(): boolean {
    const zombie = this.#processes.find(({ state }) => state === 'zombie')
    if (zombie !== undefined) {
      this.#die(zombie)
      return true
    }
    if (!this.client.hasLost(this.current)) return false
    this.client.sweep(this.current)
    return true
  }

  #start(): SimulatedProcess {
    const process = new SimulatedProcess(++this.#started, this)
    this.#processes.push(process)
    if (this.client.published > 0) {
      const act = () => this.client.sweep(this.current)
      this.client.actions.push({ label: 'what other processes left is resumed', act })
    }
    return process
  }

  #die(by: SimulatedProcess): void {
    by.die()
    this.#processes = this.#processes.filter((process) => process !== by)
  }

  #ring(): string {
    this.clock.ring()
    return `time passes to ${Math.round(this.clock.elapsed)} ms`
  }

  #isAlive(number: number): boolean {
    return this.#processes.some((process) => process.number === number && process.state === 'alive')
  }

  #say(text: string, isCalm: boolean): void {
    if (this.#isTraced) this.lines.push({ event: this.counts.events + 1, text, isCalm })
  }
}
