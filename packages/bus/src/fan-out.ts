import type { DeadLetter } from './dead-letter.ts'
import { deadLetter } from './dead-letter.ts'
import type { Failure, Flow, FlowHost } from './flow.ts'
import type { BranchResult } from './join-type.ts'
import { COORDINATOR, joinDraft, type Message } from './message.ts'
import type { FanOutRecord } from './records.ts'
import type { Settlement } from './settlement.ts'

/** A fan-out: what each branch came to so far, and what follows from it for the join. */
export class FanOut {
  /** The message whose handler has fanned out. */
  readonly point: Message
  /** The flow that goes on with the join. */
  readonly flow: Flow
  readonly record: FanOutRecord
  readonly branches: readonly Flow[]
  /** The roles that the branches begin with. */
  readonly #roles: readonly string[]
  readonly #results: (BranchResult | undefined)[]
  /** Ids of the last messages of the branches that have a result. */
  readonly #last: (string | undefined)[]
  #open: number
  #done = 0
  #isOver = false

  constructor(point: Message, flow: Flow, record: FanOutRecord, roles: readonly string[]) {
    this.point = point
    this.flow = flow
    this.record = record
    this.#roles = roles
    this.branches = roles.map((_role, index) => new BranchFlow(this, index))
    this.#results = roles.map(() => undefined)
    this.#last = roles.map(() => undefined)
    this.#open = roles.length
  }

  /** A branch has reached the join. */
  done(run: FlowHost, turn: Settlement, index: number, { id, type, data }: Message): void {
    if (this.#isOver) return
    const to = this.#roles[index] ?? ''
    this.#results[index] = { to, status: 'done', type, data }
    this.#last[index] = id
    this.#open--
    this.#done++
    this.closeIfMet(run, turn)
  }

  /** A branch went nowhere or died. */
  failed(run: FlowHost, turn: Settlement, index: number, failure: Failure): void {
    if (this.#isOver) return
    const { reason, sentence, messageId } = failure
    const to = this.#roles[index] ?? ''
    const { policy } = this.record
    this.#results[index] = { to, status: 'failed', reason, error: sentence }
    this.#last[index] = messageId
    this.#open--
    const said = `branch ${index + 1} of ${this.#roles.length} ('${to}') failed: ${sentence}`
    if (policy === 'all') this.#fail(run, turn, { ...failure, sentence: said })
    else if (policy === 'all-settled') this.closeIfMet(run, turn)
    else if (this.#done + this.#open < policy.first) {
      const rest = `${this.record.join} waits for ${policy.first} branches and can no longer get them`
      this.#fail(run, turn, { ...failure, sentence: `${rest}: ${said}` })
    }
  }

  /** Closes the join where its policy is met. */
  closeIfMet(run: FlowHost, turn: Settlement): void {
    const { policy } = this.record
    const isMet = typeof policy === 'object' ? this.#done >= policy.first : this.#open === 0
    if (!isMet || this.#isOver) return
    this.#cancelRest(run, turn, `${this.record.join} has closed without it`)
    const branches = this.#results.map(
      (result, index): BranchResult =>
        result ?? { to: this.#roles[index] ?? '', status: 'cancelled' },
    )
    const draft = joinDraft(this.point, this.record, branches)
    if (draft instanceof Error) {
      const sentence = `${this.record.join} cannot be published: ${draft.message}`
      this.flow.failed(run, turn, { reason: 'join_failed', sentence, messageId: this.point.id })
    } else {
      const last = this.#last.filter((id) => id !== undefined)
      run.join(turn, draft, last, this.flow)
    }
  }

  #fail(run: FlowHost, turn: Settlement, failure: Failure): void {
    this.#cancelRest(run, turn, `${this.record.join} has failed: ${failure.sentence}`)
    this.flow.failed(run, turn, { ...failure, reason: 'join_failed' })
  }

  #cancelRest(run: FlowHost, turn: Settlement, why: string): void {
    this.#isOver = true
    if (this.#open > 0) run.cancelWithin(turn, this.point.id, { code: 'join_closed', message: why })
  }
}

/** One branch of a fan-out, from the role that it begins with to its join. */
class BranchFlow implements Flow {
  readonly kind = 'branch'
  readonly parent: Flow
  readonly scope: string
  readonly #fanOut: FanOut
  readonly #index: number

  constructor(fanOut: FanOut, index: number) {
    this.parent = fanOut.flow
    this.scope = fanOut.point.id
    this.#fanOut = fanOut
    this.#index = index
  }

  handedOff(run: FlowHost, turn: Settlement, message: Message): void {
    const { to, types } = this.#fanOut.record
    if (message.to !== to && message.to !== COORDINATOR) run.deliver(turn, message, this)
    else if (message.to === to && types.includes(message.type)) {
      this.#fanOut.done(run, turn, this.#index, message)
    } else run.bury(turn, message, this, strayed(message, this.#fanOut.record))
  }

  failed(run: FlowHost, turn: Settlement, failure: Failure): void {
    this.#fanOut.failed(run, turn, this.#index, failure)
  }
}

/** A branch has left its fan-out. */
function strayed({ from, to, type }: Message, fanOut: FanOutRecord): DeadLetter {
  return deadLetter(
    'unaddressed',
    `'${from}' hands ${type} to '${to}' from inside a branch, which ends with ` +
      `${fanOut.types.join(' or ')} at '${fanOut.to}' (${fanOut.join}): ` +
      `let only '${fanOut.to}' decide where the flow goes on`,
  )
}
