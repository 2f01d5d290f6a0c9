import type { MessageDraft } from '../message.ts'
import { type Difference, differences } from '../reading/differences.ts'
import type { ErrorRecord, FanOutRecord, LogRecord, MemoryRecord, StepRecord } from '../records.ts'
import { Secret } from '../secret.ts'

/** A message as it was, or would be, published. */
export interface ReplayedMessage
  extends Pick<MessageDraft, 'id' | 'to' | 'type' | 'data' | 'metadata'> {
  readonly content: string
}

/** How a handler's attempt ended, or would end: `failed` where another one followed. */
export type ReplayedEnd =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed'; readonly error: ErrorRecord }
  | { readonly outcome: 'dead'; readonly reason: string; readonly error: ErrorRecord }

/** What of an attempt is compared, by what it is. */
interface Compared {
  /** The message that it handles; the problem where it cannot be handled any more. */
  readonly inbox: { readonly data: unknown } | { readonly problem: string }
  /** What it asks for; where that is an ask, what is asked. */
  readonly step: Pick<StepRecord, 'stepKind' | 'name' | 'request'> | ReplayedAsk
  readonly log: Pick<LogRecord, 'text' | 'data'>
  /** How its handler ends. */
  readonly end: ReplayedEnd
  /** What it writes into memory; without its value where that is forgotten. */
  readonly memory: Pick<MemoryRecord, 'key' | 'value'>
  readonly message: ReplayedMessage
  /** How the messages that it publishes come together; `null` where they do not. */
  readonly 'fan-out': FanOutRecord | null
}

/** What an attempt asks another role. */
export interface ReplayedAsk extends ReplayedMessage {
  readonly stepKind: 'ask'
}

/** One field that differs. */
export interface FieldDifference extends Difference {
  readonly kind: Exclude<Difference['kind'], 'same'>
  /** Present where `before` and `after` look alike: they differ in the value of a secret alone. */
  readonly isSecretValue?: true
}

/** Where a divergence is, and in which fields. */
export interface DivergencePlace {
  /** The message that is handled; with `@` and a listener's role where that one handles a copy. */
  readonly deliveryId: string
  /** The name of that message's type. */
  readonly type: string
  readonly role: string
  readonly attempt: number
  readonly how: 'changed' | 'missing' | 'added'
  /**
   * The number of the record that it differs from; where there is none, of the latest one before it. Of
   * several divergences of a run the one with the lowest number comes first in causal order.
   */
  readonly seq: number
  /** Which step, line, memory or published message it is, from 1; absent where there is but one. */
  readonly number?: number
  /** Field by field where it is `changed`. */
  readonly differences: readonly FieldDifference[]
}

/**
 * Where an attempt, made again, first does something else than was recorded. `expected` is what was
 * recorded, `undefined` where something is `added`; `actual` is `undefined` where something is `missing`.
 * Values of secrets that stand in a text of them are replaced by their handles.
 */
export type Divergence = {
  [What in keyof Compared]: DivergencePlace & {
    readonly what: What
    readonly expected: Compared[What] | undefined
    readonly actual: Compared[What] | undefined
  }
}[keyof Compared]

/** The fields that differ between two pieces of data of one run, secrets by their values too. */
export function fieldDifferences(
  expected: unknown,
  actual: unknown,
  runId: string,
): readonly FieldDifference[] {
  const found: FieldDifference[] = []
  for (const difference of differences(expected, actual, { before: runId, after: runId })) {
    const { kind } = difference
    if (kind !== 'same') found.push({ ...difference, kind })
    else compareSecrets(difference.path, difference.before, difference.after, found)
  }
  return found
}

/** A divergence without the values of secrets in its texts, as `redact` replaces them. */
export function redactDivergence<One extends Divergence>(
  divergence: One,
  redact: (text: string) => string,
): One {
  const { expected, actual, differences } = divergence
  return {
    ...divergence,
    expected: redactTexts(expected, redact),
    actual: redactTexts(actual, redact),
    differences: differences.map((difference) => redactDifference(difference, redact)),
  }
}

/** A difference without the values of secrets in its texts, as `redact` replaces them. */
export function redactDifference(
  difference: FieldDifference,
  redact: (text: string) => string,
): FieldDifference {
  const { before, after } = difference
  const redacted = redactTexts(difference, redact)
  const isText = typeof before === 'string' && typeof after === 'string'
  return isText && redacted.before === redacted.after
    ? { ...redacted, isSecretValue: true }
    : redacted
}

/** The same data with every text in it redacted; its secrets are what they are. */
export function redactTexts<Data>(data: Data, redact: (text: string) => string): Data
export function redactTexts(data: unknown, redact: (text: string) => string): unknown {
  if (typeof data === 'string') return redact(data)
  if (typeof data !== 'object' || data === null || data instanceof Secret) return data
  if (Array.isArray(data)) return data.map((item: unknown) => redactTexts(item, redact))
  return Object.fromEntries(
    Object.entries(data).map(([key, part]) => [key, redactTexts(part, redact)]),
  )
}

/** The same data but for the values of secrets. */
function compareSecrets(
  path: string,
  before: unknown,
  after: unknown,
  found: FieldDifference[],
): void {
  if (before instanceof Secret && after instanceof Secret) {
    // Without the key of its journal nobody knows the value of a recorded one.
    const isKnown = before.hasValue && after.hasValue
    if (isKnown && before.reveal() !== after.reveal()) {
      found.push({ path, kind: 'changed', before, after, isSecretValue: true })
    }
    return
  }
  if (typeof before !== 'object' || before === null) return
  if (typeof after !== 'object' || after === null) return
  const parts = new Map(Object.entries(after))
  for (const [key, part] of Object.entries(before)) {
    compareSecrets(path === '' ? key : `${path}.${key}`, part, parts.get(key), found)
  }
}
