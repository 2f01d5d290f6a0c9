import { type Bus, createBus } from '../../bus.ts'
import type { DeliveryContext } from '../../delivery-context.ts'
import type { Journal } from '../../journal.ts'
import { COORDINATOR } from '../../message.ts'
import type { JournalRecord } from '../../records.ts'
import type { Runtime } from '../../runtime.ts'
import { Chance } from './chance.ts'
import type { Clock } from './clock.ts'
import type { Effects } from './effects.ts'
import { type HandlerWorld, playAttempt } from './handler.ts'
import type { Ledger } from './ledger.ts'
import { hear } from './listening.ts'
import { ACCEPTED, Done, HEARD } from './messages.ts'
import type { Network } from './network.ts'
import { ProcessJournal } from './process-journal.ts'
import type { ProcessState } from './process-state.ts'
import type { Sabotage, SimulatedSubscriber } from './sabotage.ts'
import type { RolePlan } from './scenario.ts'
import type { Watch } from './watch.ts'

/** What a simulated process shares with the others of its world. */
export interface ProcessWorld {
  /** The journal that all processes share, as this one has it. */
  journalOf(process: number): Journal
  readonly network: Network
  readonly clock: Clock
  readonly effects: Effects
  readonly ledger: Ledger
  readonly watch: Watch
  readonly sabotage: Sabotage
  nextNonce(): number
  /** A handler killed its process. */
  killed(by: SimulatedProcess, messageId: string): void
}

/** A process with one bus on which all roles are played, in a world that decides what happens when. */
export class SimulatedProcess implements ProcessState {
  readonly number: number
  state: 'alive' | 'zombie' | 'dead' = 'alive'
  killedBy: string | undefined
  readonly journal: ProcessJournal
  readonly bus: Bus
  /** Probes whose handlers wait for the others. */
  readonly probes: (() => void)[] = []
  readonly #world: ProcessWorld
  readonly #observed = new Map<string, number>()

  constructor(number: number, world: ProcessWorld) {
    this.number = number
    this.#world = world
    const { network, ledger, sabotage } = world
    const { scenario } = ledger
    this.journal = new ProcessJournal(world.journalOf(number), this, ledger)
    const transport = network.of(this)
    this.bus = createBus({
      journal: sabotage.journal?.(this.journal) ?? this.journal,
      transport: sabotage.transport?.(transport) ?? transport,
      liveRuns: scenario.liveRuns,
      runtime: this.#runtime(),
    })
    for (const role of scenario.roles) {
      const subscriber = this.#subscriber(role)
      this.bus.subscribe(role.name, sabotage.subscriber?.(subscriber, role.name) ?? subscriber)
    }
    for (const name of scenario.listeners) this.#listen(name)
    this.bus.observe((record) => this.#observe(record))
  }

  /** Nothing of it acts any more. */
  die(): void {
    this.state = 'dead'
    this.#world.network.died(this)
    this.#world.clock.died(this)
    this.#world.effects.died(this)
    this.#world.watch.died(this)
  }

  #runtime(): Runtime {
    const { clock, ledger } = this.#world
    const chance = new Chance(ledger.scenario.seed * 31 + this.number)
    let ids = 0
    return {
      now: () => 1_000_000 + Math.floor(clock.elapsed),
      elapsed: () => clock.elapsed,
      setTimer: (delayMs, run) => clock.set(this, delayMs, run),
      random: () => chance.next(),
      newId: () => `process-${this.number}-${++ids}`,
    }
  }

  #subscriber(role: RolePlan): SimulatedSubscriber {
    const { name: _name, ...options } = role
    const { clock, effects, ledger, watch } = this.#world
    const world: HandlerWorld = {
      behaviour: ledger.behaviour,
      findings: ledger.findings,
      watch,
      effect: (label) => effects.begin(this, label),
      kill: (messageId) => this.#world.killed(this, messageId),
      nextNonce: () => this.#world.nextNonce(),
      variantOf: (runId) => ledger.variantOf(runId),
      // Without early timers no ask is ever late.
      askTimeoutMs: ledger.scenario.hasEarlyTimers ? 700 : 1e9,
    }
    return {
      ...options,
      accepts: ACCEPTED,
      handle: (message, context) => {
        if (message.type === 'probe.sent') return this.#probe(context)
        // A dead process still runs to the end of its turn here.
        if (this.state === 'dead') return new Promise(() => {})
        const now = 1_000_000 + clock.elapsed
        return playAttempt(world, watch.begin(this, message, context, now), message)
      },
    }
  }

  #listen(name: string): void {
    this.bus.listen(name, {
      accepts: HEARD,
      attempts: 2,
      backoffMs: 10,
      handle: (message, context) =>
        hear(name, this.#world.ledger.variantOf(message.runId), message, context),
    })
  }

  async #probe(context: DeliveryContext): Promise<void> {
    await new Promise<void>((resolve) => this.probes.push(resolve))
    context.handoff(COORDINATOR, Done, { trail: 0 })
  }

  #observe(record: JournalRecord): void {
    const last = this.#observed.get(record.runId) ?? 0
    this.#observed.set(record.runId, record.seq)
    if (record.seq > last) return
    this.#world.ledger.findings.break(
      'sequence-rises',
      `process ${this.number} observed record ${record.seq} of ${record.runId} after ${last}`,
    )
  }
}
