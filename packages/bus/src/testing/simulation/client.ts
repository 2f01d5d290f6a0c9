import type { ResumeOptions } from '../../bus.ts'
import { JournalConflictError, JournalError, StaleEpochError } from '../../errors.ts'
import type { Run, RunEnd } from '../../run.ts'
import type { Ledger } from './ledger.ts'
import { Done, SECRET_MARK, Work } from './messages.ts'
import type { RunPlan } from './scenario.ts'
import type { SimulatedProcess } from './simulated-process.ts'

interface ClientRun {
  readonly plan: RunPlan
  by: SimulatedProcess
  run: Run
  hasEnded: boolean
  reopenings: number
  /** Whether what the client does to an open run has been put on the list. */
  isFollowedUp: boolean
}

/** Something that a client will do at some moment. */
export interface Action {
  readonly label: string
  readonly act: () => void
}

/** Publishes the runs of a world, goes on with them in the next process, and checks their results. */
export class Client {
  /** What it will do when the world says so. */
  readonly actions: Action[] = []
  readonly #ledger: Ledger
  readonly #current: () => SimulatedProcess
  readonly #runs = new Map<string, ClientRun>()

  /** `current` is the process that everybody takes for alive. */
  constructor(ledger: Ledger, current: () => SimulatedProcess) {
    this.#ledger = ledger
    this.#current = current
  }

  /** Runs that were published. */
  get published(): number {
    return this.#runs.size
  }

  /** Does one of its actions. */
  act(index: number): string {
    const [action] = this.actions.splice(index, 1)
    action?.act()
    return action?.label ?? 'nothing'
  }

  publish(plan: RunPlan, by: SimulatedProcess): void {
    const { runId, maxHops, timeoutMs, maxTokens, thread } = plan
    const key = plan.hasSecret ? { key: `${SECRET_MARK} of run ${plan.number}.` } : {}
    const abort = new AbortController()
    const run = by.bus.publish(
      plan.to,
      Work,
      { variant: plan.variant, trail: 0, ...key },
      {
        terminal: Done,
        runId,
        maxHops,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(maxTokens === undefined ? {} : { maxTokens }),
        ...(thread === undefined ? {} : { thread }),
        ...(plan.isCancelled ? { signal: abort.signal } : {}),
      },
    )
    if (plan.isCancelled) {
      const act = () => {
        if (by.state !== 'dead') abort.abort('enough')
      }
      this.actions.push({ label: `${runId} is cancelled`, act })
    }
    this.#runs.set(runId, { plan, by, run, hasEnded: false, reopenings: 0, isFollowedUp: false })
    this.#follow(runId, by, run)
  }

  /** Whether some run is neither ended nor in the hands of this process. */
  hasLost(by: SimulatedProcess): boolean {
    return this.#lost(by).length > 0
  }

  /** Goes on with every run that another process has left. */
  sweep(by: SimulatedProcess): void {
    for (const { plan } of this.#lost(by)) {
      if (this.#ledger.runs.has(plan.runId)) void this.#resume(plan.runId, by)
      else this.publish(plan, by)
    }
  }

  /** Runs that have no end in the journal. */
  get unended(): readonly string[] {
    const open = [...this.#runs.values()].filter(({ plan, hasEnded }) => {
      const book = this.#ledger.runs.get(plan.runId)
      return book === undefined ? !hasEnded : book.ended === undefined
    })
    return open.map(({ plan }) => plan.runId)
  }

  #lost(by: SimulatedProcess): ClientRun[] {
    return [...this.#runs.values()].filter((known) => {
      const book = this.#ledger.runs.get(known.plan.runId)
      if (book === undefined) return !known.hasEnded && known.by !== by
      return book.ended === undefined && book.holder !== by
    })
  }

  async #resume(runId: string, by: SimulatedProcess, options?: ResumeOptions): Promise<void> {
    try {
      const run = await by.bus.resume(runId, options)
      const known = this.#runs.get(runId)
      if (known === undefined) return
      known.run = run
      known.by = by
      known.hasEnded = false
      this.#follow(runId, by, run)
    } catch {
      // It ended meanwhile, is already resumed here, or the bus was closed; the next sweep sees.
    }
  }

  #follow(runId: string, by: SimulatedProcess, run: Run): void {
    run.opened.then(
      () => this.#followUp(runId),
      () => {},
    )
    run.result.then(
      (end) => this.#ended(runId, by, end),
      (error: unknown) => this.#rejected(runId, by, error),
    )
  }

  #followUp(runId: string): void {
    const known = this.#runs.get(runId)
    if (known === undefined || known.isFollowedUp) return
    known.isFollowedUp = true
    const { variant, externals } = known.plan
    for (const to of externals) {
      const act = () => {
        known.run.publish(to, Work, { variant, trail: 0 }).catch(() => {})
      }
      this.actions.push({ label: `a message to '${to}' is published into ${runId}`, act })
    }
  }

  #ended(runId: string, by: SimulatedProcess, end: RunEnd): void {
    const known = this.#runs.get(runId)
    if (known?.by === by) {
      known.hasEnded = true
      if (end.status !== 'completed') this.#reopenLater(known)
    }
    const book = this.#ledger.runs.get(runId)
    // A run that was cancelled while it waited for its place is not in the journal, or not from here.
    if (end.status === 'cancelled' && (book === undefined || book.holder !== by)) return
    const recorded = book?.ended
    const isSame =
      recorded !== undefined &&
      recorded.status === end.status &&
      recorded.reason === end.reason &&
      JSON.stringify(recorded.usage) === JSON.stringify(end.usage) &&
      end.messages.map(({ id }) => id).join() === [...(book?.messages.keys() ?? [])].join()
    if (isSame) return
    this.#ledger.findings.break(
      'result-as-recorded',
      `${runId} resolved to ${end.status} with ${end.messages.map(({ id }) => id)}, recorded is ` +
        `${recorded?.status ?? 'no end'} with ${[...(book?.messages.keys() ?? [])]}`,
    )
  }

  #reopenLater(known: ClientRun): void {
    const { runId, reopenings, maxTokens } = known.plan
    if (known.reopenings >= reopenings) return
    const act = () => {
      known.reopenings++
      const more = maxTokens === undefined ? {} : { maxTokens: 2 * maxTokens }
      void this.#resume(runId, this.#current(), { reopen: true, maxHops: 32, ...more })
    }
    this.actions.push({ label: `${runId} is opened again`, act })
  }

  #rejected(runId: string, by: SimulatedProcess, error: unknown): void {
    if (by.state !== 'alive' || !this.#ledger.holds(by, runId)) return
    // What the journal refused is judged where it refuses.
    if (error instanceof JournalError || error instanceof JournalConflictError) return
    if (error instanceof StaleEpochError) return
    this.#ledger.findings.break(
      'result-as-recorded',
      `${runId} rejected in the process that has it: ${error instanceof Error ? error.message : error}`,
    )
  }
}
