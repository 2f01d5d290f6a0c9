import { isOfType, type Message } from '@nanoagent/bus'
import type { NamedContext, NamedTypes } from './team.ts'

/** The named fields of a run: for each the data of the latest message of its type. */
export function namedContext<Context extends NamedTypes>(
  types: Context,
  messages: readonly Message[],
): NamedContext<Context>
export function namedContext(types: NamedTypes, messages: readonly Message[]): object {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => [
      name,
      messages.findLast((message) => isOfType(message, type))?.data,
    ]),
  )
}
