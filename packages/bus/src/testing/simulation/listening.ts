import type { DeliveryContext } from '../../delivery-context.ts'
import type { Message } from '../../message.ts'
import { fingerprint } from './chance.ts'
import { pathOf } from './handler.ts'

/** What a listener does with a copy, alike in a fork: it fails now and then, and may do so for good. */
export async function hear(
  name: string,
  variant: number,
  message: Message,
  context: DeliveryContext,
): Promise<void> {
  const roll = fingerprint(`${name} ${variant} ${pathOf(message)} ${context.attempt}`) % 10
  if (roll < 2) throw new Error('not heard')
  if (roll < 5) await context.step({ name: 'note', request: roll, perform: () => roll })
}
