import { type Difference, differences } from '../reading/differences.ts'
import { Secret } from '../secret.ts'

/** One field that differs. */
export interface FieldDifference extends Difference {
  readonly kind: Exclude<Difference['kind'], 'same'>
  /** Present where `before` and `after` are secrets of one handle and of different values. */
  readonly isSecretValue?: true
}

/** Where an attempt, made again, first does something else than it was recorded. */
export interface Divergence {
  /** The message that it handles; with `@` and a listener's role where that one handles a copy. */
  readonly deliveryId: string
  /** The name of that message's type. */
  readonly type: string
  readonly role: string
  readonly attempt: number
  /** `inbox`: the message cannot be handled any more. `end`: how the handler ends. */
  readonly what: 'inbox' | 'step' | 'log' | 'end' | 'memory' | 'message'
  readonly how: 'changed' | 'missing' | 'added'
  /**
   * The number of the record that it differs from; where there is none, of the latest one before it. Of
   * several divergences the one with the lowest number comes first in causal order.
   */
  readonly seq: number
  /**
   * The number of the step, of the line, or of what was written or published, from 1; absent where it is
   * about all of those.
   */
  readonly number?: number
  /** As it was recorded: absent where it is `added`. */
  readonly expected?: unknown
  /** As it is now: absent where it is `missing`. */
  readonly actual?: unknown
  /** Field by field where it is `changed`. */
  readonly differences: readonly FieldDifference[]
}

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

/** The same data but for the values of secrets. */
function compareSecrets(
  path: string,
  before: unknown,
  after: unknown,
  found: FieldDifference[],
): void {
  if (before instanceof Secret && after instanceof Secret) {
    if (before !== after && before.reveal() !== after.reveal()) {
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
