import type { DeepReadonly } from './data.ts'
import { TerminalError, WaitTimeoutError } from './errors.ts'
import { stepPath } from './paths.ts'
import { quiet } from './quiet.ts'
import { type FailedStep, toResponse } from './step-call.ts'
import type { StepHost, StepOptions, StepScope } from './steps.ts'

/** What a step has come to that was performed. */
export type Performed<Response> =
  | {
      readonly response: DeepReadonly<Response>
      readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | undefined
    }
  /** What it threw, as its record keeps it, and as it was. */
  | { readonly failure: FailedStep; readonly cause: unknown }

/** Where a step is performed, and how those inside it are. */
export interface StepPlace {
  readonly numbers: readonly number[]
  readonly idempotencyKey: () => string
  /** Makes a step inside it. */
  step<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>>
}

/** Performs a step, within its time. Never rejects; secrets of the response get their names. */
export function performStep<Response>(
  host: StepHost,
  { numbers, idempotencyKey, step }: StepPlace,
  options: StepOptions<Response>,
): Promise<Performed<Response>> {
  const scope: StepScope = {
    get signal() {
      return host.signal
    },
    get idempotencyKey() {
      return idempotencyKey()
    },
    get memory() {
      return host.memoryInsideStep
    },
    step: (inner) => quiet(step(inner)),
  }
  const path = stepPath(host.messageId, host.attempt, numbers)
  let secrets = 0
  return inTime(host, options, new Promise<Response>((resolve) => resolve(options.perform(scope))))
    .then((response) => ({
      usage: options.usage?.(response),
      response: toResponse(response, (secret) => {
        host.onSecret(secret.name(`secret:${path}#${++secrets}`))
      }),
    }))
    .catch((cause: unknown) => ({ failure: failureOf(host, cause), cause }))
}

function failureOf(host: StepHost, cause: unknown): FailedStep {
  const error = host.errorRecord(cause)
  return { type: 'error', error, terminal: cause instanceof TerminalError }
}

function inTime<T>(host: StepHost, options: StepOptions<T>, performing: Promise<T>): Promise<T> {
  const { name, waitTimeoutMs, waitTimeoutMessage } = options
  if (waitTimeoutMs === undefined) return performing
  return new Promise((resolve, reject) => {
    const timer = host.after(waitTimeoutMs, () => {
      reject(new WaitTimeoutError(name, waitTimeoutMs, waitTimeoutMessage))
    })
    performing.then(resolve, reject).finally(() => timer.cancel())
  })
}
