import type { DeliveryContext } from '../../delivery-context.ts'
import type { Message } from '../../message.ts'
import { askPath, replyPath } from '../../paths.ts'
import { type DeliveryBook, type RunBook, stepKey } from './books.ts'
import type { Ledger } from './ledger.ts'
import type { ProcessState } from './process-state.ts'
import { isQuestion, trailOf } from './together.ts'

/** One start of an attempt, from the call of its handler. */
export interface Handling {
  readonly by: ProcessState
  readonly message: Message
  readonly attempt: number
  readonly context: DeliveryContext
  /** Steps under way that have given back the slot. */
  waits: number
}

/** Watches what handlers and effects really do, and checks it against the ledger. */
export class Watch {
  readonly #ledger: Ledger
  readonly #handlings = new Set<Handling>()
  /** How often each `once` step was performed. */
  readonly #once = new Map<string, number>()
  readonly counts = { handled: 0, performed: 0, served: 0 }

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** A handler begins. */
  begin(by: ProcessState, message: Message, context: DeliveryContext, now: number): Handling {
    const { findings } = this.#ledger
    const handling = { by, message, attempt: context.attempt, context, waits: 0 }
    this.counts.handled++
    const book = this.#ledger.runs.get(message.runId)
    const delivery = book?.messages.get(message.id)
    if (book === undefined || delivery === undefined) {
      findings.break('durable-before-visible', `${message.id} is handled before it is stored`)
    } else if (this.#ledger.holds(by, message.runId)) {
      this.#checkBegin(handling, book, delivery, now)
    }
    this.#handlings.add(handling)
    return handling
  }

  /** A handler has ended by itself. */
  end(handling: Handling): void {
    this.#handlings.delete(handling)
  }

  /** Nothing of a process acts any more. */
  died(by: ProcessState): void {
    for (const handling of this.#handlings) {
      if (handling.by === by) this.#handlings.delete(handling)
    }
  }

  /** An effect begins. `onceKey` names the step over all attempts. Gives how often it was performed. */
  perform({ by, message, attempt }: Handling, name: string, isOnce: boolean): number {
    const { findings } = this.#ledger
    this.counts.performed++
    const delivery = this.#ledger.runs.get(message.runId)?.messages.get(message.id)
    const recorded = delivery?.steps.get(stepKey(attempt, name))
    if (recorded !== undefined && this.#ledger.holds(by, message.runId)) {
      findings.break(
        'step-not-repeated',
        `${name} of attempt ${attempt} of ${message.id} is performed again, ` +
          `record ${'seq' in recorded ? recorded.seq : '?'} has its outcome`,
      )
    }
    if (!isOnce) return 1
    const key = `${message.id} ${name}`
    const times = (this.#once.get(key) ?? 0) + 1
    this.#once.set(key, times)
    if (times > 1) {
      findings.break('once-performed-once', `${name} of ${message.id} is performed ${times} times`)
    }
    return times
  }

  /** A handler got a step's response, with the number of the performance that it came from. */
  received({ by, message, attempt }: Handling, name: string, nonce: number): void {
    const delivery = this.#ledger.runs.get(message.runId)?.messages.get(message.id)
    const recorded = delivery?.steps.get(stepKey(attempt, name))
    if (recorded === undefined || !this.#ledger.holds(by, message.runId)) return
    const expected = recorded.outcome.type === 'response' ? nonceOf(recorded.outcome.response) : -1
    if (expected === nonce) return
    this.#ledger.findings.break(
      'served-as-recorded',
      `${name} of attempt ${attempt} of ${message.id} gave performance ${nonce}, ${expected} is recorded`,
    )
  }

  /** A handler got the reply to its n-th ask, or -1 for none. */
  replied({ by, message, attempt }: Handling, n: number, trail: number): void {
    const book = this.#ledger.runs.get(message.runId)
    if (book === undefined || !this.#ledger.holds(by, message.runId)) return
    const reply = book.messages.get(replyPath(askPath(message.id, attempt, n)))
    const expected = reply === undefined ? -1 : trailOf(reply.message)
    if (expected === trail) return
    this.#ledger.findings.break(
      'reply-as-recorded',
      `ask ${n} of attempt ${attempt} of ${message.id} gave ${trail}, ${expected} is recorded`,
    )
  }

  #checkBegin(handling: Handling, book: RunBook, delivery: DeliveryBook, now: number): void {
    const { findings, scenario } = this.#ledger
    const { message, by, attempt } = handling
    const role = scenario.roles.find(({ name }) => name === message.to)
    if (role === undefined || book.plan === undefined) return
    if (delivery.settled !== undefined) {
      findings.break(
        'settled-once',
        `${message.id} is handled again, it is ${delivery.settled.outcome}`,
      )
      return
    }
    if (book.ended !== undefined) {
      findings.break('nothing-after-the-end', `${message.id} is handled after its run's end`)
    }
    if (attempt !== delivery.attempt || attempt - delivery.firstAttempt >= role.attempts) {
      findings.break(
        'bounded-attempts',
        `attempt ${attempt} of ${message.id} begins, ${delivery.attempt} of ${role.attempts} is due`,
      )
    }
    // A timer may ring a millisecond early, and its time is rounded up.
    if (attempt > 1 && now < delivery.retryAt - 2) {
      findings.break('backoff-observed', `${message.id} begins ${delivery.retryAt - now} ms early`)
    }
    if (!isQuestion(message)) this.#checkOrder(book, delivery, role.perRunConcurrency)
    this.#checkOthers(handling, role.roleConcurrency)
    this.#checkAdmission(by, message.runId)
  }

  #checkOrder(book: RunBook, delivery: DeliveryBook, perRun: number): void {
    const { id, to } = delivery.message
    const waiting: string[] = []
    for (const earlier of book.lanes.get(to) ?? []) {
      if (earlier === delivery) break
      if (earlier.settled === undefined) waiting.push(earlier.message.id)
    }
    if (waiting.length < perRun) return
    this.#ledger.findings.break(
      'journal-order',
      `${id} is handled by '${to}' before ${waiting.join(', ')}, ${perRun} at once are allowed`,
    )
  }

  #checkOthers(handling: Handling, roleConcurrency: number): void {
    const { message, by } = handling
    let busy = 1
    for (const other of this.#handlings) {
      if (other.message.id === message.id && this.#ledger.holds(other.by, message.runId)) {
        // Asking for the signal makes one, so only where it matters.
        if (other.context.signal.aborted) continue
        this.#ledger.findings.break(
          'one-instance',
          `attempt ${handling.attempt} of ${message.id} begins while attempt ${other.attempt} is handled`,
        )
      }
      if (other.by === by && other.message.to === message.to && other.waits === 0) busy++
    }
    if (busy <= roleConcurrency) return
    const open = [...this.#handlings].filter(
      (other) =>
        other.by === by &&
        other.message.to === message.to &&
        other.waits === 0 &&
        !other.context.signal.aborted,
    ).length
    if (open < roleConcurrency) return
    this.#ledger.findings.break(
      'role-concurrency',
      `'${message.to}' handles ${open + 1} deliveries at once, ${roleConcurrency} are allowed`,
    )
  }

  #checkAdmission(by: ProcessState, runId: string): void {
    const { liveRuns } = this.#ledger.scenario
    if (liveRuns >= this.#ledger.scenario.runs.length) return
    const live = new Set([runId])
    for (const other of this.#handlings) {
      const run = other.message.runId
      if (other.by !== by || other.context.signal.aborted) continue
      if (this.#ledger.runs.get(run)?.ended !== undefined) continue
      if (this.#ledger.holds(by, run)) live.add(run)
    }
    if (live.size <= liveRuns) return
    this.#ledger.findings.break(
      'admission-bound',
      `process ${by.number} has ${live.size} live runs, ${liveRuns} are allowed`,
    )
  }
}

function nonceOf(response: unknown): number {
  if (typeof response !== 'object' || response === null || !('nonce' in response)) return -1
  return typeof response.nonce === 'number' ? response.nonce : -1
}
