import {
  AmbiguousMessageError,
  findMessage,
  type MessagesOfRun,
  UnknownMessageError,
} from '@nanoagent/bus'
import { UsageError } from '../errors.ts'
import { firstCharacters } from '../screen/printable.ts'

/** A message's id without that of its run: `.h.b2`; of the first one `.`. */
export function pathOf(messageId: string): string {
  const start = messageId.indexOf('.')
  return start === -1 ? '.' : messageId.slice(start)
}

/** The id of the message that was typed, see `findMessage`. Throws a `UsageError` where there is none, or are several. */
export function typedMessage(run: MessagesOfRun, ref: string): string {
  try {
    return findMessage(run, ref)
  } catch (error) {
    if (error instanceof AmbiguousMessageError) throw new UsageError(error.message)
    if (!(error instanceof UnknownMessageError)) throw error
    throw new UsageError(
      `run ${run.runId} has no message '${firstCharacters(ref, 80)}': ` +
        `nanoagent show ${run.runId} lists its messages`,
    )
  }
}
