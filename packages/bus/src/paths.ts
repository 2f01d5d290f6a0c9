/**
 * Causal paths: the id of a message is the way that led to it.
 *
 * ```
 * message  = run *( "." segment )          the root message has no segment
 * run      = 1*64( ALPHA / DIGIT / "_" / "-" )
 * segment  = "a" number "-" number         an ask: the attempt that asks, and the number of its step
 *          / "b" number                    the n-th branch of the fan-out in the settlement before
 *          / "h"                           the handoff in the settlement of the message before
 *          / "j"                           the join of that fan-out
 *          / "r"                           the reply in the settlement of an ask
 *          / "x" number                    the n-th message published into the open run from outside
 * delivery = message [ "@" role ]          of a copy of the message to a listener
 * step     = delivery "/" number 1*( "." number )     attempt, step, nested step, …
 * given    = delivery "/0" ( 1*( "." number ) / ".l" number )    a step's request, a line of the log
 * memory   = delivery "/m" number          the n-th memory that the delivery writes
 * secret   = "secret:" ( message / step / given / memory ) "#" number
 * number   = a positive decimal number without leading zeros, preceded by one letter for each
 *            digit after the first: 9 is "9", 10 is "a10", 100 is "b100"
 * ```
 *
 * What a handler makes itself and gives to a step or a log is named without the attempt, so that it has
 * the same name in all attempts.
 *
 * Under one parent the letters sort in causal order: asks before what the settlement publishes, and
 * branches before their join. Numbers sort as text. A path is a name; the causal graph is in the
 * records.
 */

import { InvalidOptionError, InvalidPathError } from './errors.ts'

const RUN = /^[A-Za-z0-9_-]{1,64}$/
const NUMBER = '(?:[1-9]|a[1-9][0-9]|b[1-9][0-9]{2}|c[1-9][0-9]{3}|d[1-9][0-9]{4}|e[1-9][0-9]{5})'
const FLOW = `(?:\\.(?:b${NUMBER}|h|j))*`
/** Who is asked may ask and reply, and do nothing else. */
const ASKS = `(?:(?:\\.a${NUMBER}-${NUMBER})+(?:\\.r)?)?`
const MESSAGE = new RegExp(`^[A-Za-z0-9_-]{1,64}(?:\\.x${NUMBER})?${FLOW}${ASKS}$`)
const STEP = new RegExp(`^([^/@]+)(?:@([^/@]+))?/(${NUMBER})((?:\\.${NUMBER})+)$`)

/** What stands for the run's own id wherever runs are hashed or compared. */
export const RUN_TOKEN = '~'

const LETTERS = 'abcde'

/** A positive number as text that sorts like the number: 9, a10, b100. At most 999,999. */
export function formatNumber(value: number): string {
  const digits = String(value)
  if (!Number.isInteger(value) || value < 1 || value > 999_999) {
    throw new InvalidOptionError('the number in a path', value, 'a whole number from 1 to 999999')
  }
  return digits.length === 1 ? digits : `${LETTERS.charAt(digits.length - 2)}${digits}`
}

/** Whether the text may be a run's id. */
export function isRunId(text: string): boolean {
  return RUN.test(text)
}

/** Throws unless the text may be a run's id. */
export function assertRunId(runId: string): void {
  if (!isRunId(runId)) {
    throw new InvalidOptionError('the run id', `'${runId}'`, '1 to 64 letters, digits, _ or -')
  }
}

/** The id of the message that the handler of `parent` hands off. */
export function handoffPath(parent: string): string {
  return `${parent}.h`
}

/** The id of the n-th branch of the fan-out of `parent`'s handler, counted from 1. */
export function branchPath(parent: string, n: number): string {
  return `${parent}.b${formatNumber(n)}`
}

/** The id of the message that joins the branches of the fan-out of `parent`'s handler. */
export function joinPath(parent: string): string {
  return `${parent}.j`
}

/** The id of what an attempt of `parent` asks as a step. */
export function askPath(parent: string, attempt: number, step: number): string {
  return `${parent}.a${formatNumber(attempt)}-${formatNumber(step)}`
}

/** The id of the reply that the handler of `parent` gives. */
export function replyPath(parent: string): string {
  return `${parent}.r`
}

/** What a listener's delivery of a message is called: the records of its handling have it for an id. */
export function copyPath(messageId: string, listener: string): string {
  return `${messageId}@${listener}`
}

/** The id of the message whose handling a record is of, by a role or by a listener. */
export function messageOfDelivery(deliveryId: string): string {
  const at = deliveryId.indexOf('@')
  return at === -1 ? deliveryId : deliveryId.slice(0, at)
}

/** The listener whose handling a record is of; `undefined` where it is that of the message's role. */
export function listenerOfDelivery(deliveryId: string): string | undefined {
  const at = deliveryId.indexOf('@')
  return at === -1 ? undefined : deliveryId.slice(at + 1)
}

/** The id of the n-th message that is published into the run from outside, counted from 1. */
export function externalPath(runId: string, n: number): string {
  return `${runId}.x${formatNumber(n)}`
}

/** The id of a step of an attempt: `numbers` are the step's number and those of the nested ones. */
export function stepPath(messageId: string, attempt: number, numbers: readonly number[]): string {
  return `${messageId}/${formatNumber(attempt)}.${numbers.map(formatNumber).join('.')}`
}

/** Where a handler gave something to a step: the same in all attempts. */
export function givenPath(messageId: string, numbers: readonly number[]): string {
  return `${messageId}/0.${numbers.map(formatNumber).join('.')}`
}

/** Where a handler gave something to a line of its log: the same in all attempts. */
export function logPath(messageId: string, line: number): string {
  return `${messageId}/0.l${formatNumber(line)}`
}

/** The id of the n-th memory that a delivery writes: the same in all attempts. */
export function memoryPath(messageId: string, n: number): string {
  return `${messageId}/m${formatNumber(n)}`
}

/** The id of the message whose handling has written a memory. */
export function messageOfMemory(id: string): string {
  return messageOfDelivery(id.slice(0, id.lastIndexOf('/')))
}

/** The parts of a message's id. */
export interface MessagePath {
  readonly runId: string
  /** Hops from the root: the root has 0. */
  readonly hops: number
  /** The id before the last hop; absent on the root and on messages from outside. */
  readonly parent?: string
}

/** Whether the text is a message's id. */
export function isMessagePath(text: string): boolean {
  return MESSAGE.test(text)
}

/** Reads a message's id; throws an `InvalidPathError` where it is none. */
export function parseMessagePath(id: string): MessagePath {
  if (!MESSAGE.test(id)) throw new InvalidPathError(id)
  const [runId = '', ...segments] = id.split('.')
  const hops = segments.length
  const last = segments.at(-1)
  return last === undefined || last.startsWith('x')
    ? { runId, hops }
    : { runId, hops, parent: id.slice(0, -last.length - 1) }
}

/** Reads a step's id; throws an `InvalidPathError` where it is none. */
export function parseStepPath(id: string): {
  messageId: string
  /** Whose step it is, where it handles a copy. */
  listener?: string
  attempt: number
  numbers: number[]
} {
  const [, messageId, listener, attempt, steps] = STEP.exec(id) ?? []
  if (messageId === undefined || attempt === undefined || steps === undefined) {
    throw new InvalidPathError(id)
  }
  if (!MESSAGE.test(messageId)) throw new InvalidPathError(id)
  const toNumber = (text: string) => Number(text.replace(/^[a-e]/, ''))
  return {
    messageId,
    ...(listener === undefined ? {} : { listener }),
    attempt: toNumber(attempt),
    numbers: steps.slice(1).split('.').map(toNumber),
  }
}

/** Hops of a message's id, without checking the rest of it. */
export function hopsOf(id: string): number {
  let hops = 0
  for (let at = id.indexOf('.'); at !== -1; at = id.indexOf('.', at + 1)) hops++
  return hops
}

/** Whether a message's id has more hops than these; looks no closer than it must, since each takes two characters. */
export function hasMoreHops(id: string, most: number): boolean {
  return id.length > 2 * most && hopsOf(id) > most
}

/**
 * The text with the run's own id replaced by a fixed token, so that two runs can be compared. Only
 * where the id stands by itself, not as a part of a word.
 */
export function withoutRunId(text: string, runId: string): string {
  return text.replace(runIdPattern(runId), RUN_TOKEN)
}

/** Finds a run's id in a text where it stands by itself, not as a part of a word. */
function runIdPattern(runId: string): RegExp {
  return new RegExp(`(?<![\\w-])${runId}(?![\\w-])`, 'g')
}

/** Ids of so many characters are no words that a text may have by chance. */
const UNMISTAKABLE = 16

/**
 * Finds what names a run, or something of it, in a text: its id where that stands by itself. An id that may
 * be a word by chance is only found where it begins a path or the handle of a secret.
 */
export function runNamePattern(runId: string): RegExp {
  if (runId.length >= UNMISTAKABLE) return runIdPattern(runId)
  const segments = `(?:\\.(?:[hjr]|[bx]${NUMBER}|a${NUMBER}-${NUMBER}))+(?![\\w-])`
  return new RegExp(`(?<=secret:)${runId}(?![\\w-])|(?<![\\w-])${runId}(?=${segments})`, 'g')
}

/** The id of the same message, delivery, step or memory in another run. */
export function pathInRun(path: string, runId: string): string {
  return path.replace(/^[\w-]+/, runId)
}

/** A scope that a message is inside of: an ask, or the branches of a fan-out. */
export interface PathScope {
  readonly kind: 'ask' | 'branch'
  /** The id of the message whose handler asks, or has fanned out. */
  readonly of: string
  /** The id of the ask, or of the first message of the branch. */
  readonly id: string
}

/** The scopes that a message is inside of, the innermost first. */
export function scopesOf(id: string): readonly PathScope[] {
  const scopes: PathScope[] = []
  for (let at = id; ; ) {
    const dot = at.lastIndexOf('.')
    if (dot === -1) return scopes
    const of = at.slice(0, dot)
    const letter = at.charAt(dot + 1)
    if (letter === 'a') scopes.push({ kind: 'ask', of, id: at })
    else if (letter === 'b') scopes.push({ kind: 'branch', of, id: at })
    at = of
  }
}

/** Whether a message was published into the run from outside. */
export function isExternalPath(id: string): boolean {
  return /^[^.]+\.x[^.]+$/.test(id)
}
