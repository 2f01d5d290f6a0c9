import { TerminalError } from '@nanoagent/bus'

/** Why a model gave no answer: stable, for code to branch on. */
export type ModelErrorCode =
  | 'model_misconfigured'
  | 'model_unauthorized'
  | 'model_not_found'
  | 'model_rate_limited'
  | 'model_unavailable'
  | 'model_timeout'
  | 'model_unreachable'
  | 'model_bad_request'
  | 'model_bad_response'
  | 'model_refused'
  | 'model_cut_off'

/** What a `ModelError` carries beside its message. */
export interface ModelErrorDetails {
  readonly code: ModelErrorCode
  /** Where the model was asked: a URL without credentials or query, or a name. */
  readonly endpoint: string
  readonly model: string
  /** The HTTP status, where the endpoint gave one. */
  readonly status?: number
  readonly cause?: unknown
}

/**
 * A model request that failed for good: what could be retried has been, by the model's client alone,
 * so the delivery is not tried again.
 *
 * The message is one line that names the endpoint, the model and what to do next. Whoever makes the
 * error keeps secrets out of the message and out of `cause`.
 */
export class ModelError extends TerminalError {
  declare readonly code: ModelErrorCode
  readonly endpoint: string
  readonly model: string
  readonly status?: number

  constructor(message: string, details: ModelErrorDetails) {
    const { code, cause } = details
    super(oneLine(message), cause === undefined ? { code } : { code, cause })
    this.endpoint = details.endpoint
    this.model = details.model
    if (details.status !== undefined) this.status = details.status
  }
}

// Control characters go too: an endpoint's words must not steer the terminal that shows them.
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}
