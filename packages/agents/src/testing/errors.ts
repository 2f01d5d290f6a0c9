import { TerminalError } from '@nanoagent/bus'

/** A model request came that the script does not expect: its delivery is dead at once. */
export class UnexpectedRequestError extends TerminalError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: 'unexpected_request' })
  }
}
