import { AssertionError } from 'node:assert'
import { type DataOf, type Message, type MessageOf, type MessageType, Secret } from '@nanoagent/bus'

/** A run as these assertions look at it: of `runAgent`, `runTeam`, or an orchestrator. */
export interface HandedOff {
  readonly status: string
  readonly reason?: string
  /** Every message but the root in journal order: handoffs, branches and joins, asks and replies. */
  readonly history: readonly Message[]
}

/** Which message is meant: a handoff, branch, join, ask or reply. What is left out may be anything. */
export interface HandoffPattern<T extends MessageType = MessageType> {
  readonly from?: string
  readonly to?: string
  readonly type?: T
  /** Data that is not an object as a whole, of an object the fields that must be equal. */
  readonly data?: PartOf<DataOf<T>>
}

type PartOf<Data> = Data extends readonly unknown[] | string | number | boolean | null | Secret
  ? Data
  : Partial<Data>

/**
 * Gives the first message that fits in journal order, be it a handoff, a branch, a join, an ask or a
 * reply; throws an `AssertionError` that shows those that there were.
 */
export function expectHandoff<T extends MessageType>(
  run: HandedOff,
  pattern: HandoffPattern<T>,
): MessageOf<T>
export function expectHandoff(run: HandedOff, pattern: HandoffPattern): Message {
  const found = run.history.find((handoff) => fits(handoff, pattern))
  if (found !== undefined) return found
  const { data, ...route } = pattern
  const near = data === undefined ? undefined : run.history.find((other) => fits(other, route))
  throw new AssertionError({
    message:
      near === undefined
        ? `expected a handoff ${shownPattern(route)}; ${whatThereWas(run)}`
        : `the handoff ${shownHandoff(near)} has other data than expected; ${whatThereWas(run)}`,
    expected: near === undefined ? shownPattern(route) : data,
    actual: near === undefined ? run.history.map(shownHandoff) : near.data,
    operator: 'expectHandoff',
    stackStartFn: expectHandoff,
  })
}

/** Throws an `AssertionError` where a message fits; without a pattern where there was any. */
export function expectNoHandoff<T extends MessageType>(
  run: HandedOff,
  pattern?: HandoffPattern<T>,
): void
export function expectNoHandoff(run: HandedOff, pattern: HandoffPattern = {}): void {
  const found = run.history.filter((handoff) => fits(handoff, pattern))
  if (found.length === 0) return
  throw new AssertionError({
    message: `expected no handoff ${shownPattern(pattern)}; ${whatThereWas(run)}`,
    expected: [],
    actual: found.map(shownHandoff),
    operator: 'expectNoHandoff',
    stackStartFn: expectNoHandoff,
  })
}

/**
 * Throws an `AssertionError` where the run did not go from role to role like this, from first to last. A
 * fan-out is one hop, to the join's role: what happens in branches and asks is no part of the path, since
 * its order may be another one each time.
 */
export function expectPath(run: HandedOff, roles: readonly string[]): void {
  const main = run.history.filter(({ id }) => !ASIDE.test(id))
  const [first] = main
  const path = first === undefined ? [] : [first.from, ...main.map(({ to }) => to)]
  if (path.join(' → ') === roles.join(' → ')) return
  throw new AssertionError({
    message: `expected the path ${roles.join(' → ')}; ${whatThereWas(run)}`,
    expected: roles,
    actual: path,
    operator: 'expectPath',
    stackStartFn: expectPath,
  })
}

/** In the id of what belongs to a branch or an ask. */
const ASIDE = /\.[ab]/

function fits(handoff: Message, { from, to, type, data }: HandoffPattern): boolean {
  return (
    (from === undefined || from === handoff.from) &&
    (to === undefined || to === handoff.to) &&
    (type === undefined || type.name === handoff.type) &&
    (data === undefined || hasPart(handoff.data, data))
  )
}

function hasPart(actual: unknown, part: unknown): boolean {
  if (!isObject(actual) || !isObject(part) || Array.isArray(part)) return isSame(actual, part)
  const fields = new Map(Object.entries(actual))
  return Object.entries(part).every(([key, value]) => isSame(fields.get(key), value))
}

/** Deep equality of JSON and secrets; Node's own does not look into a secret. */
function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Secret && b instanceof Secret) return a.reveal() === b.reveal()
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return Object.is(a, b)
  const fields = new Map(Object.entries(a))
  const others = Object.entries(b)
  return (
    fields.size === others.length && others.every(([key, value]) => isSame(fields.get(key), value))
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Secret)
}

function shownHandoff({ from, to, type }: Message): string {
  return `${from} → ${to}: ${type}`
}

function shownPattern({ from = 'anyone', to = 'anyone', type }: HandoffPattern): string {
  return `${from} → ${to}: ${type?.name ?? 'any type'}`
}

function whatThereWas({ status, reason, history }: HandedOff): string {
  const made = history.length === 0 ? 'none' : history.map(shownHandoff).join(', ')
  const why = reason === undefined ? '' : `, because ${reason}`
  return `the handoffs were: ${made}; the run is ${status}${why}`
}
