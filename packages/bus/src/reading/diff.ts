import { isFingerprint } from '../memory-steps.ts'
import { formatNumber, withoutRunId } from '../paths.ts'
import type { StepKind, StepRecord } from '../records.ts'
import { type ComparedRuns, type Difference, differences } from './differences.ts'
import type { AttemptReading, CausalGraph, GraphNode } from './graph.ts'
import { wholeSteps } from './whole-steps.ts'

/** What became of a part of one run in another: `removed` is only in the first, `added` only in the second. */
type Kind = Difference['kind']

/** A step that differs. */
export interface StepDiff {
  /** Its number in the attempt, such as `2` or `3.1`. */
  readonly step: string
  readonly stepKind: StepKind
  readonly name: string
  readonly kind: Kind
  /** What differs of its `stepKind`, `name`, `request`, `response` and `error`; empty unless it has changed. */
  readonly fields: readonly Difference[]
}

/** An attempt that differs. */
export interface AttemptDiff {
  readonly attempt: number
  readonly kind: Kind
  /** What differs of its `outcome`, `reason` and `error`; empty unless it has changed. */
  readonly fields: readonly Difference[]
  /** The steps that differ, by number; empty unless it has changed. */
  readonly steps: readonly StepDiff[]
}

/** A message, and whether it and its handling are the same in both runs. */
export interface MessageDiff {
  /** Its id with `~` for the run's own. */
  readonly path: string
  readonly type: string
  readonly from: string
  readonly to: string
  readonly kind: Kind
  /** What differs of its `type`, `from`, `to`, `data` and `metadata`; empty unless it has changed. */
  readonly fields: readonly Difference[]
  /** The attempts at it that differ, by number; empty unless it has changed. */
  readonly attempts: readonly AttemptDiff[]
}

/** What differs between two runs. */
export interface RunsDiff {
  /** The ids of the runs. */
  readonly before: string
  readonly after: string
  /** Whether nothing differs. */
  readonly isSame: boolean
  /** What differs of their `team`, `status` and `reason`. */
  readonly end: readonly Difference[]
  /** Every message of either run, in causal order. */
  readonly messages: readonly MessageDiff[]
}

/**
 * Compares two runs, message by message where they stand at the same causal position. Times, durations,
 * tokens, human lines, the number of starts and what listeners do with their copies do not count, nor do
 * the runs' own ids wherever they are. Secrets are compared by their handles, and their fingerprints do not
 * count. With its arguments exchanged it gives the same, exchanged.
 */
export function diffRuns(before: CausalGraph, after: CausalGraph): RunsDiff {
  const runs = { before: before.runId, after: after.runId }
  const end = differing(endOf(before), endOf(after), runs)
  const messages = paired(byPath(before), byPath(after)).map((pair) => messageDiff(pair, runs))
  const isSame = end.length === 0 && messages.every(({ kind }) => kind === 'same')
  return { ...runs, isSame, end, messages }
}

/** The same part of both runs; one of them may be missing. */
type Pair<T> = { readonly key: string } & (
  | { readonly before: T; readonly after: T | undefined }
  | { readonly before?: undefined; readonly after: T }
)

/** The parts of both by their keys, in the order of these as texts, which of paths is the causal one. */
function paired<T extends object>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): readonly Pair<T>[] {
  const pairs: Pair<T>[] = []
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [left, right] = [before.get(key), after.get(key)]
    if (left !== undefined) pairs.push({ key, before: left, after: right })
    else if (right !== undefined) pairs.push({ key, after: right })
  }
  return pairs
}

function byPath({ nodes, runId }: CausalGraph): ReadonlyMap<string, GraphNode> {
  return new Map([...nodes].map(([id, node]) => [withoutRunId(id, runId), node]))
}

function endOf({ team, status, reason }: CausalGraph): object {
  return {
    ...(team === undefined ? {} : { team }),
    status: status ?? 'open',
    ...(reason === undefined ? {} : { reason }),
  }
}

function messageDiff(pair: Pair<GraphNode>, runs: ComparedRuns): MessageDiff {
  const { type, from, to } = (pair.before ?? pair.after).message
  const place = { path: pair.key, type, from, to }
  if (pair.before === undefined) return { ...place, kind: 'added', fields: [], attempts: [] }
  if (pair.after === undefined) return { ...place, kind: 'removed', fields: [], attempts: [] }
  const { before, after } = pair
  const fields = differing(messageParts(before), messageParts(after), runs)
  const attempts = paired(byNumber(before), byNumber(after))
    .map((attempt) => attemptDiff(attempt, runs))
    .filter(({ kind }) => kind !== 'same')
  const kind = fields.length + attempts.length === 0 ? 'same' : 'changed'
  return { ...place, kind, fields, attempts }
}

function messageParts({ message: { type, from, to, data, metadata } }: GraphNode): object {
  return { type, from, to, data, metadata }
}

function byNumber({ attempts }: GraphNode): ReadonlyMap<string, AttemptReading> {
  return new Map(attempts.map((reading) => [formatNumber(reading.attempt), reading]))
}

function attemptDiff(pair: Pair<AttemptReading>, runs: ComparedRuns): AttemptDiff {
  const { attempt } = pair.before ?? pair.after
  if (pair.before === undefined) return { attempt, kind: 'added', fields: [], steps: [] }
  if (pair.after === undefined) return { attempt, kind: 'removed', fields: [], steps: [] }
  const { before, after } = pair
  const fields = differing(attemptParts(before), attemptParts(after), runs)
  const steps = paired(bySteps(before), bySteps(after))
    .map((step) => stepDiff(step, runs))
    .filter(({ kind }) => kind !== 'same')
  const kind = fields.length + steps.length === 0 ? 'same' : 'changed'
  return { attempt, kind, fields, steps }
}

function attemptParts({ outcome, reason, error }: AttemptReading): object {
  return {
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(error === undefined ? {} : { error }),
  }
}

function bySteps({ steps }: AttemptReading): ReadonlyMap<string, StepRecord> {
  return new Map(wholeSteps(steps).map((one) => [one.step.map(formatNumber).join('.'), one]))
}

function stepDiff(pair: Pair<StepRecord>, runs: ComparedRuns): StepDiff {
  const { step: numbers, stepKind, name } = pair.before ?? pair.after
  const place = { step: numbers.join('.'), stepKind, name }
  if (pair.before === undefined) return { ...place, kind: 'added', fields: [] }
  if (pair.after === undefined) return { ...place, kind: 'removed', fields: [] }
  const fields = differing(stepParts(pair.before), stepParts(pair.after), runs)
  return { ...place, kind: fields.length === 0 ? 'same' : 'changed', fields }
}

function stepParts({ stepKind, name, request, outcome }: StepRecord): object {
  const { type } = outcome
  const end =
    type === 'response'
      ? { response: comparable(stepKind, name, outcome.response) }
      : type === 'error'
        ? { error: outcome.error }
        : {}
  return { stepKind, name, request, ...end }
}

/** What of a response counts: no tokens, and nothing made of a secret's value. */
function comparable(stepKind: StepKind, name: string, response: unknown): unknown {
  if (isFingerprint({ stepKind, name })) return null
  const isObject = typeof response === 'object' && response !== null && !Array.isArray(response)
  if (stepKind !== 'model' || !isObject) return response
  const { usage: _usage, ...answer }: { usage?: unknown } = response
  return answer
}

function differing(before: object, after: object, runs: ComparedRuns): readonly Difference[] {
  return differences(before, after, runs).filter(({ kind }) => kind !== 'same')
}
