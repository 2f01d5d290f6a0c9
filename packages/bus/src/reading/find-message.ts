import { AmbiguousMessageError, UnknownMessageError } from '../errors.ts'
import { messageOfDelivery, RUN_TOKEN } from '../paths.ts'

/** A run whose messages are known: a causal graph is one. */
export interface MessagesOfRun {
  readonly runId: string
  /** By their ids. */
  readonly nodes: ReadonlyMap<string, unknown>
}

/**
 * The id of the message that is meant by its id, or that of a delivery of it; by its path in the run, with
 * or without `~` before it, as comparisons print it (`.h.b2`, `~.h.b2`; `.` or `~` is the first message); or
 * by an end of its id that no other message has (`b2.h`). Throws an `UnknownMessageError` or an
 * `AmbiguousMessageError`.
 */
export function findMessage(run: MessagesOfRun, ref: string): string {
  const [only, ...others] = messagesMeant(run, ref)
  if (only === undefined) throw new UnknownMessageError(run.runId, ref)
  if (others.length > 0) throw new AmbiguousMessageError(run.runId, ref, [only, ...others])
  return only
}

/** Ids of all the messages that may be meant. */
function messagesMeant({ runId, nodes }: MessagesOfRun, ref: string): readonly string[] {
  const named = messageOfDelivery(ref)
  if (named === '.' || named === RUN_TOKEN) return nodes.has(runId) ? [runId] : []
  const path = named.startsWith(`${RUN_TOKEN}.`) ? named.slice(RUN_TOKEN.length) : named
  const whole = path.startsWith('.') ? `${runId}${path}` : `${runId}.${path}`
  const exact = [path, whole].find((id) => nodes.has(id))
  if (exact !== undefined) return [exact]
  return path === '' ? [] : [...nodes.keys()].filter((id) => id.endsWith(path))
}
