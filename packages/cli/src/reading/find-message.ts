import { type CausalGraph, messageOfDelivery } from '@nanoagent/bus'
import { UsageError } from '../errors.ts'
import { firstCharacters } from '../screen/printable.ts'

/** A message's id without that of its run: `.h.b2`; of the first one `.`. */
export function pathOf(messageId: string): string {
  const start = messageId.indexOf('.')
  return start === -1 ? '.' : messageId.slice(start)
}

/**
 * The id of the message that is meant by its id, by its path in the run, or by an end of its id that no
 * other message has. Throws a `UsageError` where there is none, or are several.
 */
export function findMessage({ runId, nodes }: CausalGraph, ref: string): string {
  const named = messageOfDelivery(ref)
  if (named === '.' || named === '~') return runId
  const path = named.replace(/^~(?=\.)/, '')
  const whole = path.startsWith('.') ? `${runId}${path}` : `${runId}.${path}`
  const exact = [path, whole].find((id) => nodes.has(id))
  if (exact !== undefined) return exact
  const ending = path === '' ? [] : [...nodes.keys()].filter((id) => id.endsWith(path))
  const [only, ...others] = ending
  const shown = firstCharacters(ref, 80)
  if (only === undefined) {
    throw new UsageError(
      `run ${runId} has no message '${shown}': nanoagent show ${runId} lists its messages`,
    )
  }
  if (others.length === 0) return only
  const few = ending.slice(0, 3).map(pathOf).join(', ')
  throw new UsageError(
    `several messages end with '${shown}', ${few}${ending.length > 3 ? ' and others' : ''}: ` +
      'write more of the id',
  )
}
