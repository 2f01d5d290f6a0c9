import { hash } from 'node:crypto'
import { canonicalJson } from './canonical.ts'
import type { DeepReadonly } from './data.ts'
import { toData } from './data.ts'
import {
  OUTCOME_UNKNOWN,
  OutcomeUnknownError,
  outcomeUnknown,
  RecordedError,
  RecordedTerminalError,
} from './errors.ts'
import { givenPath, stepPath } from './paths.ts'
import type { StepRecord } from './records.ts'
import type { Secret } from './secret.ts'
import type { StepHost } from './steps.ts'

/** The request of a step as its record keeps it: secrets that the handler has made get their names. */
export function givenRequest(
  host: Pick<StepHost, 'messageId' | 'onSecret'>,
  numbers: readonly number[],
  request: unknown,
): unknown {
  let secrets = 0
  return toData(request, (secret) => {
    if (!secret.isNamed) secret.name(`secret:${givenPath(host.messageId, numbers)}#${++secrets}`)
    host.onSecret(secret)
  })
}

/** The recorded response of a step, as the handler got it when it was performed. Throws a recorded error. */
export function recordedResponse(
  host: Pick<StepHost, 'messageId' | 'resolved' | 'unanswered' | 'onSecret'>,
  step: StepRecord,
): unknown {
  const { outcome } = step
  host.resolved(step.at)
  if (outcome.type === 'error') {
    if (step.stepKind === 'ask') throw host.unanswered(outcome.error)
    throw stepError(outcome)
  }
  if (outcome.type === 'intent') {
    throw outcomeUnknown(stepPath(host.messageId, step.attempt, step.step), step.name)
  }
  return toResponse(outcome.response, (secret) => host.onSecret(secret))
}

/** What dooms the attempt of a step that has this outcome: that one inside it is in doubt. */
export function doubtOf(outcome: StepRecord['outcome']): OutcomeUnknownError | undefined {
  if (outcome.type !== 'error') return undefined
  const error = stepError(outcome)
  return error instanceof OutcomeUnknownError ? error : undefined
}

/** The outcome of a step that has failed. */
export type FailedStep = StepRecord['outcome'] & { readonly type: 'error' }

/** What a step has failed with, as its handler gets it; `cause` is what it threw. */
export function stepError({ error, terminal }: FailedStep, cause?: ErrorOptions): Error {
  const { name, message, code } = error
  if (code === OUTCOME_UNKNOWN) return new OutcomeUnknownError(message, cause)
  return terminal
    ? new RecordedTerminalError(name, message, code, cause)
    : new RecordedError(name, message, code, cause)
}

/** A response as the journal keeps it. An effect may have none: `undefined` stays what it is. */
export function toResponse<T>(response: T, onSecret: (secret: Secret) => void): DeepReadonly<T>
export function toResponse(response: unknown, onSecret: (secret: Secret) => void): unknown {
  return response === undefined ? undefined : toData(response, onSecret)
}

/** The steps that one caller asked for: the handler, or a step for those inside it. */
export class StepCalls {
  readonly #runId: string
  readonly #caller: () => string
  readonly #made: { readonly name: string; readonly request: unknown }[] = []

  /**
   * `caller` is what the keys of these calls begin with. Those inside a step count by themselves, since
   * they are not made where it is served.
   */
  constructor(runId: string, caller: () => string) {
    this.#runId = runId
    this.#caller = caller
  }

  /**
   * Counts a call, and gives its idempotency key for when somebody asks. It is counted at once, so that
   * its occurrence is in issue order.
   */
  add(name: string, request: unknown): () => string {
    const earlier = this.#made.length
    this.#made.push({ name, request })
    let key: string | undefined
    return () => {
      key ??= this.#key(name, request, earlier)
      return key
    }
  }

  #key(name: string, request: unknown, earlier: number): string {
    const runId = this.#runId
    const call = canonicalJson(request, runId)
    const same = this.#made
      .slice(0, earlier)
      .filter((other) => other.name === name && canonicalJson(other.request, runId) === call)
    return callKey(this.#caller(), name, call, same.length + 1)
  }
}

/** The idempotency key of the n-th call that a caller makes with this request, which is canonical JSON. */
function callKey(caller: string, name: string, request: string, n: number): string {
  return hash('sha256', [caller, name, request, n].join('\n'))
}

/** A call as it was recorded. Its number bounds how many equal ones its caller had made before it. */
export type RecordedCall = Pick<StepRecord, 'name' | 'request' | 'step'>

/**
 * A `once` step's key as the same step in another run has it. `around` are the steps that it is inside of,
 * outermost first, `inOther` is what is handled there. Where one of these calls is not the one that the key
 * was made of, it stays as it is.
 */
export function keyInOther(
  idempotencyKey: string,
  step: StepRecord,
  around: readonly RecordedCall[],
  inOther: string,
): string {
  return findKey(idempotencyKey, step, around, inOther) ?? idempotencyKey
}

/** Whether a key is a `once` step's own. `around` are the steps that it is inside of, outermost first. */
export function isKeyOf(
  idempotencyKey: string,
  step: StepRecord,
  around: readonly RecordedCall[],
): boolean {
  return findKey(idempotencyKey, step, around, step.messageId) !== undefined
}

/** The key in another delivery; `undefined` where it is not made of these calls. */
function findKey(
  idempotencyKey: string,
  step: StepRecord,
  around: readonly RecordedCall[],
  inOther: string,
): string | undefined {
  const find = (
    [call, ...inner]: readonly RecordedCall[],
    caller: string,
    callerInOther: string,
  ): string | undefined => {
    if (call === undefined) return caller === idempotencyKey ? callerInOther : undefined
    const request = canonicalJson(call.request, step.runId)
    for (let n = 1; n <= (call.step.at(-1) ?? 0); n++) {
      const keyOf = (of: string) => callKey(of, call.name, request, n)
      const found = find(inner, keyOf(caller), keyOf(callerInOther))
      if (found !== undefined) return found
    }
    return undefined
  }
  return find([...around, step], step.messageId, inOther)
}
