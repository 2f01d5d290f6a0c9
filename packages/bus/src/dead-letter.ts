import { describe } from './errors.ts'
import type { Message } from './message.ts'
import type { DeadReason, ErrorRecord } from './records.ts'
import type { Role } from './role.ts'

/** Why a delivery is dead. */
export interface DeadLetter {
  readonly reason: DeadReason
  readonly error: ErrorRecord
}

/** Why nobody can handle a message as this role; `undefined` where it can be. */
export function deadOnArrival(
  { type, from }: Pick<Message, 'type' | 'from'>,
  to: string,
  role: Role | undefined,
  bus: { readonly roles: readonly string[] },
): DeadLetter | undefined {
  if (role === undefined) {
    return deadLetter(
      'unaddressed',
      `no agent plays '${to}' (roles: ${list(bus.roles) || 'none'}): check the handoff in '${from}'`,
    )
  }
  if (role.type(type) !== undefined) return undefined
  return deadLetter(
    'unaddressed',
    `'${to}' does not accept ${type} (it accepts ${list(role.accepted) || 'nothing'}): check the handoff in '${from}'`,
  )
}

/** A dead letter that no error of a handler made. */
export function deadLetter(reason: DeadReason, message: string): DeadLetter {
  return { reason, error: { name: 'DeadLetter', code: reason, message } }
}

function list(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

/** Why a delivery failed, in a sentence for the person who reads the run's end. */
export function deathSentence(
  message: Message,
  attempt: number,
  reason: DeadReason,
  error: unknown,
): string {
  const said = describe(error)
  if (reason === 'exhausted' && attempt > 1) {
    return `'${message.to}' failed at ${message.type} in each of ${attempt} attempts, the last time with: ${said}`
  }
  return reason === 'unaddressed' ? said : `'${message.to}' failed at ${message.type}: ${said}`
}
