import type { Failure, Flow, FlowHost } from './flow.ts'
import type { Message, MessageDraft } from './message.ts'
import type { CausalPast } from './reading/context.ts'
import type { ErrorRecord, MessageRecord, StepRecord } from './records.ts'
import type { Settlement } from './settlement.ts'
import type { Timer } from './timers.ts'

/** What became of an ask: the data of its reply, or why there is none. */
export type AskOutcome =
  | { readonly type: 'response'; readonly response: unknown }
  | { readonly type: 'error'; readonly error: ErrorRecord; readonly terminal: true }

/** What became of an ask, and when. */
export interface AskEnd {
  readonly outcome: AskOutcome
  readonly at: number
}

/** Tells an asker what became of its ask, and whether the journal has stored it. */
export type Answered = (end: AskEnd & { readonly stored: Promise<boolean> }) => void

/** The code of an ask that was cancelled because the attempt that asked was over. */
export const ASKER_DONE = 'asker_done'

/** The code of an ask that had no reply in its time. */
export const ASK_TIMEOUT = 'ask_timeout'

/** Why an ask has no reply, as its asker gets it and as a later start is served it. */
export function unanswered(code: string, message: string): AskOutcome {
  return { type: 'error', error: { name: 'AskError', code, message }, terminal: true }
}

/** What an asker asked, as a step's request. */
export function askRequest({
  to,
  type,
  data,
}: Pick<MessageDraft, 'to' | 'type' | 'data'>): unknown {
  return { to, type, data }
}

/** What became of an ask, as a step of its asker; its intent as long as it is open. */
export function askStep(
  { runId, message, original = message.data }: MessageRecord,
  { attempt, step }: NonNullable<MessageRecord['asked']>,
  { outcome, at }: AskEnd | { readonly outcome: { readonly type: 'intent' }; readonly at: number },
): StepRecord {
  return {
    kind: 'step',
    runId,
    at,
    messageId: message.causationId ?? '',
    attempt,
    step: [step],
    stepKind: 'ask',
    name: message.type,
    request: askRequest({ ...message, data: original }),
    startedAt: message.sentAt,
    outcome,
  }
}

/** The roles that wait for what this message's handler does, itself last: nobody asks them. */
export function askersOf(
  { to }: Message,
  flow: Flow,
  past: Pick<CausalPast, 'get'>,
): readonly string[] {
  const roles = [to]
  for (let at: Flow | undefined = flow; at !== undefined; at = at.parent) {
    const asker = at.kind === 'ask' ? past.get(at.scope ?? '') : undefined
    if (asker !== undefined) roles.unshift(asker.to)
  }
  return roles
}

/** What is asked of one role: answered once, by the reply, by a failure, or by its time being over. */
export class AskFlow implements Flow {
  readonly kind = 'ask'
  readonly parent: Flow
  readonly scope: string
  #answered: Answered | undefined
  #timer: Timer | undefined

  /** The message whose handler asks, and the flow of that. */
  constructor(asker: string, parent: Flow) {
    this.scope = asker
    this.parent = parent
  }

  /** Whom to tell what becomes of it, and what would end it without that. The last one counts. */
  await(answered: Answered, timer?: Timer): void {
    this.#answered = answered
    this.#timer = timer
  }

  /** Its only way forward is its reply. */
  handedOff(_run: FlowHost, turn: Settlement, { data }: Message): void {
    this.answer(turn, { type: 'response', response: data })
  }

  failed(_run: FlowHost, turn: Settlement, { reason, sentence }: Failure): void {
    this.answer(turn, unanswered(reason === 'stalled' ? 'no_reply' : 'ask_failed', sentence))
  }

  /** The asker learns of it when the journal has it. */
  answer(turn: Settlement, outcome: AskOutcome): void {
    const answered = this.#answered
    this.forget()
    if (answered === undefined) return
    turn.answers((stored) => answered({ outcome, at: turn.at, stored }))
  }

  /** Nobody waits for it any more. */
  forget(): void {
    this.#answered = undefined
    this.#timer?.cancel()
  }
}
