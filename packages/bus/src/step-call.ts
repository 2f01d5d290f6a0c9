import { hash } from 'node:crypto'
import { canonicalJson } from './canonical.ts'
import type { DeepReadonly } from './data.ts'
import { toData } from './data.ts'
import { OutcomeUnknownError, RecordedError, RecordedTerminalError } from './errors.ts'
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
    throw new OutcomeUnknownError(stepPath(host.messageId, step.attempt, step.step), step.name)
  }
  return toResponse(outcome.response, (secret) => host.onSecret(secret))
}

/** The outcome of a step that has failed. */
export type FailedStep = StepRecord['outcome'] & { readonly type: 'error' }

/** What a step has failed with, as its handler gets it; `cause` is what it threw. */
export function stepError({ error, terminal }: FailedStep, cause?: ErrorOptions): Error {
  const { name, message, code } = error
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

/** Most equal calls of one handler among which the one with a recorded key is looked for. */
const MOST_EQUAL_CALLS = 1_000

/**
 * The key of a `once` step that a handler itself has asked for, as the same step in another run has it:
 * `messageId` and `inOther` are what is handled in the one and in the other. `undefined` where the step
 * has no key, or one that this handler's calls do not have.
 */
export function keyInOther(
  { idempotencyKey, name, request, runId, messageId }: StepRecord,
  inOther: string,
): string | undefined {
  if (idempotencyKey === undefined) return undefined
  const call = canonicalJson(request, runId)
  for (let n = 1; n <= MOST_EQUAL_CALLS; n++) {
    if (callKey(messageId, name, call, n) === idempotencyKey) {
      return callKey(inOther, name, call, n)
    }
  }
  return undefined
}
