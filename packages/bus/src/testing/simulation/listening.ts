import type { DeliveryContext } from '../../delivery-context.ts'
import type { Message } from '../../message.ts'
import { fingerprint } from './chance.ts'

/** What a listener does with a copy: it fails now and then, and may do so for good. */
export async function hear(name: string, { id }: Message, context: DeliveryContext): Promise<void> {
  const roll = fingerprint(`${name} ${id} ${context.attempt}`) % 10
  if (roll < 2) throw new Error('not heard')
  if (roll < 5) await context.step({ name: 'note', request: roll, perform: () => roll })
}
