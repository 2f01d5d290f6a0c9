import { ModelError, type ModelErrorCode } from '../model-error.ts'
import { cleanCause, connectionWords } from './connection-fault.ts'
import { excerpt } from './excerpt.ts'
import { longestRetryAfterMs } from './retry.ts'

/** An endpoint's answer with a status of failure. */
interface StatusFault {
  readonly kind: 'status'
  readonly status: number
  /** Of a redirection, where it leads. */
  readonly body: string
  /** The wait it asks for. */
  readonly retryAfterMs: number | undefined
  /** Whether it says itself that the request is worth another try. */
  readonly shouldRetry: boolean | undefined
}

/** Why an endpoint gave no usable answer, before anyone put it into words. */
export type Fault =
  | StatusFault
  /** It knows no tools for this model, and says so. */
  | { readonly kind: 'no_tools'; readonly status: number; readonly body: string }
  | { readonly kind: 'connection'; readonly cause: unknown }
  /** Nothing came for as long as it may be silent. */
  | { readonly kind: 'silence' }
  /** It kept on coming for longer than all tries may take. */
  | { readonly kind: 'too_long' }
  /** Status 200 and a stream that ended before the answer did. */
  | { readonly kind: 'torn' }
  /** Status 200 and a body or an event that claims to be JSON and is not. */
  | { readonly kind: 'malformed' }
  /** Status 200 and a stream that tells of an error without a status. */
  | { readonly kind: 'error_event'; readonly body: string }
  /** Status 200 and something that is not a chat completion. */
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly reason: string }
  /** The answer reached the limit on its tokens; `maxTokens` is the one that was asked for. */
  | { readonly kind: 'cut_off'; readonly maxTokens: number | undefined }

/** Whom a fault is about. */
interface FaultContext {
  readonly endpoint: string
  readonly model: string
  /** Longest silence. */
  readonly timeoutMs: number
  /** Longest time of all tries together. */
  readonly totalMs: number
  readonly redact: (text: string) => string
}

/** The parts of a message about a fault. */
export interface FaultWords {
  readonly code: ModelErrorCode
  readonly problem: string
  readonly nextStep: string
  /** What the endpoint said about it, already clean. */
  readonly said?: string
}

const checkBaseUrl = "check that the base URL ends where the API begins, such as in '/v1'"

const tryAgain = 'try again; if it stays so, look at the endpoint, or at a proxy before it'

/** Puts a fault into one line that says what to do next and holds no secret. */
export function modelErrorOf(fault: Fault, context: FaultContext): ModelError {
  const { endpoint, model, redact } = context
  const { code, problem, nextStep, said } = wordsOf(fault, context)
  const quote = said ? `; it said: ${said}` : ''
  return new ModelError(`model '${model}' at ${endpoint} ${problem}: ${nextStep}${quote}`, {
    code,
    endpoint,
    model,
    ...('status' in fault && { status: fault.status }),
    ...(fault.kind === 'connection' && { cause: cleanCause(fault.cause, redact) }),
  })
}

/** What went wrong, in a few clean words. */
export function problemOf(fault: Fault, context: FaultContext): string {
  return wordsOf(fault, context).problem
}

function wordsOf(fault: Fault, { redact, timeoutMs, totalMs }: FaultContext): FaultWords {
  switch (fault.kind) {
    case 'status':
      return { ...statusWords(fault), said: excerpt(fault.body, redact) }
    case 'connection':
      return connectionWords(fault.cause, redact)
    case 'no_tools':
      return {
        code: 'model_bad_request',
        problem: `refused the request because of its tools (${fault.status})`,
        nextStep: 'use a model that can call tools, or switch tool calls on at the endpoint',
        said: excerpt(fault.body, redact),
      }
    case 'silence':
      return {
        code: 'model_timeout',
        problem: `sent nothing for ${duration(timeoutMs)}`,
        nextStep: 'try again, or allow it more time',
      }
    case 'too_long':
      return {
        code: 'model_timeout',
        problem: `gave no whole answer within ${duration(totalMs)}`,
        nextStep: 'ask for less, limit its tokens, or allow it more time',
      }
    case 'torn':
      return {
        code: 'model_bad_response',
        problem: 'ended its answer before it was whole',
        nextStep: tryAgain,
      }
    case 'malformed':
      return {
        code: 'model_bad_response',
        problem: 'answered with malformed JSON',
        nextStep: tryAgain,
      }
    case 'error_event':
      return {
        code: 'model_unavailable',
        problem: 'broke its answer off with an error',
        nextStep: 'try again later, or use another endpoint',
        said: excerpt(fault.body, redact),
      }
    case 'answer': {
      const { answer } = fault
      const text = typeof answer === 'string' ? answer : (JSON.stringify(answer) ?? '')
      const what = /^\s*</.test(text) ? 'a web page, which' : 'something that'
      return {
        code: 'model_bad_response',
        problem: `answered with ${what} is no chat completion`,
        nextStep: checkBaseUrl,
        said: excerpt(text, redact),
      }
    }
    case 'refusal':
      return {
        code: 'model_refused',
        problem: 'refused to answer',
        nextStep: 'reword the request, or use another model',
        said: excerpt(fault.reason, redact),
      }
    case 'cut_off': {
      const { maxTokens } = fault
      return {
        code: 'model_cut_off',
        problem:
          'was cut off before its answer was whole: it reached the limit on its tokens' +
          (maxTokens === undefined ? '' : ` (maxTokens ${maxTokens})`),
        nextStep:
          maxTokens === undefined
            ? 'set maxTokens higher than its default, ask for less, or use a model that holds more'
            : 'raise maxTokens, or ask for less',
      }
    }
  }
}

function statusWords(fault: StatusFault): FaultWords {
  const { status } = fault
  switch (true) {
    case status === 401:
      return {
        code: 'model_unauthorized',
        problem: 'refused the API key (401)',
        nextStep: 'check the key, and that it belongs to this endpoint',
      }
    case status === 403:
      return {
        code: 'model_unauthorized',
        problem: 'is not open to this API key (403)',
        nextStep: 'check what the key, its project and its region may use',
      }
    case status === 404:
      return {
        code: 'model_not_found',
        problem: 'was not found (404)',
        nextStep: `check the model's name, and ${checkBaseUrl}`,
      }
    case status === 408:
      return { code: 'model_timeout', problem: 'timed out (408)', nextStep: 'try again' }
    case status === 429:
      return {
        code: 'model_rate_limited',
        problem: 'limits the rate (429)',
        nextStep: waitOr('send fewer requests at once, or check the quota of the key', fault),
      }
    case status === 409 || status >= 500:
      return {
        code: 'model_unavailable',
        problem: `is not available (${status})`,
        nextStep: waitOr('try again later, or use another endpoint', fault),
      }
    case [301, 302, 303, 307, 308].includes(status):
      return {
        code: 'model_bad_response',
        problem: `redirects the request (${status})`,
        nextStep: 'let the base URL begin where that leads',
      }
    case status >= 400:
      return {
        code: 'model_bad_request',
        problem: `refused the request (${status})`,
        nextStep: 'change what it objects to, or use another model',
      }
    default:
      return {
        code: 'model_bad_response',
        problem: `answered with status ${status}`,
        nextStep: checkBaseUrl,
      }
  }
}

function waitOr(otherwise: string, { retryAfterMs = 0 }: StatusFault): string {
  if (retryAfterMs <= longestRetryAfterMs) return otherwise
  const longest = duration(longestRetryAfterMs)
  return `it asks to wait ${duration(retryAfterMs)}, over the ${longest} allowed; ${otherwise}`
}

function duration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Math.ceil(ms / 1_000)} s`
}
