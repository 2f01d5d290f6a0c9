import { withoutRunId } from '../paths.ts'
import { Secret } from '../secret.ts'

/** What became of one part of some data. */
export interface Difference {
  /** Where in the data, such as `results.0.score`; empty for the data as a whole. */
  readonly path: string
  readonly kind: 'same' | 'changed' | 'added' | 'removed'
  /** The part as it was; absent where it was added. */
  readonly before?: unknown
  /** The part as it is; absent where it was removed. */
  readonly after?: unknown
}

/** Whose data is compared: the run's own id in it stands for itself. */
export interface ComparedRuns {
  readonly before?: string
  readonly after?: string
}

/**
 * The differences between two pieces of JSON data, part by part in the order of their fields, those that
 * were removed last. A part that is the same, or differs in its kind, is not looked into. Lists are
 * compared place by place. Secrets are compared by their handles, and the ids of their runs count as
 * equal wherever they stand.
 */
export function differences(
  before: unknown,
  after: unknown,
  runs: ComparedRuns = {},
): readonly Difference[] {
  const found: Difference[] = []
  compare('', { before, after }, runs, found)
  return found
}

interface Pair {
  readonly before: unknown
  readonly after: unknown
}

function compare(path: string, pair: Pair, runs: ComparedRuns, found: Difference[]): void {
  const { before, after } = pair
  if (isSame(pair, runs)) {
    found.push({ path, kind: 'same', before, after })
    return
  }
  const [left, right] = [partsOf(before), partsOf(after)]
  if (left === undefined || right === undefined || Array.isArray(before) !== Array.isArray(after)) {
    found.push({ path, kind: 'changed', before, after })
    return
  }
  for (const [key, part] of right) {
    const at = inside(path, key)
    if (left.has(key)) compare(at, { before: left.get(key), after: part }, runs, found)
    else found.push({ path: at, kind: 'added', after: part })
  }
  for (const [key, part] of left) {
    if (!right.has(key)) found.push({ path: inside(path, key), kind: 'removed', before: part })
  }
}

/** The parts of a list or an object by their names; `undefined` for anything else. */
function partsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return undefined
  return new Map(Object.entries(value))
}

function isSame({ before, after }: Pair, runs: ComparedRuns): boolean {
  if (before === after) return true
  if (before instanceof Secret || after instanceof Secret) {
    return before instanceof Secret && after instanceof Secret && isSameText(before, after, runs)
  }
  if (typeof before === 'string' && typeof after === 'string') {
    return isSameText(before, after, runs)
  }
  const [left, right] = [partsOf(before), partsOf(after)]
  if (left === undefined || right === undefined) return false
  if (Array.isArray(before) !== Array.isArray(after) || left.size !== right.size) return false
  for (const [key, part] of left) {
    if (!right.has(key) || !isSame({ before: part, after: right.get(key) }, runs)) return false
  }
  return true
}

function isSameText(before: string | Secret, after: string | Secret, runs: ComparedRuns): boolean {
  return comparable(before, runs.before) === comparable(after, runs.after)
}

function comparable(text: string | Secret, runId: string | undefined): string {
  const shown = String(text)
  return runId !== undefined && shown.includes(runId) ? withoutRunId(shown, runId) : shown
}

/** A key that is no plain word is quoted, so that no two paths are the same. */
function inside(path: string, key: string): string {
  const name = /^[\w-]+$/.test(key) ? key : JSON.stringify(key)
  return path === '' ? name : `${path}.${name}`
}
