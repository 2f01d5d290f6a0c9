import {
  canonicalJson,
  describeDivergence,
  type FieldDifference,
  RUN_TOKEN,
  withoutRunId,
} from '@nanoagent/bus'
import type { ReplayDivergence } from '../replay.ts'
import { describeWhy } from '../why.ts'
import type { CheckedRun } from './check-runs.ts'
import { cutText, shownFrom } from './cut-divergence.ts'

/** Most characters of a value that are shown. */
const MOST_SHOWN = 300

/** Most fields of one divergence that are shown. */
const MOST_FIELDS = 8

/**
 * Says what came of a checked run, for people: a line with where it is and, where it has diverged, at which
 * message it did what else and why; then lines with what was expected and what it does now. Long values are
 * cut, secrets are their handles.
 */
export function describeCheckedRun(run: CheckedRun): readonly string[] {
  const { file, line, runId, status, reason = '', divergence } = run
  const where = `${file}${line === undefined ? '' : `:${line}`}`
  const which = runId === undefined ? where : `${where}, run ${runId}`
  if (divergence === undefined) {
    const why = reason === '' ? '' : `: ${reason}`
    return [`${which}: ${status.replaceAll('_', ' ')}${why}`]
  }
  const { what } = describeDivergence(divergence)
  return [
    `${which}: ${placeOf(divergence, runId)}: ${what} (${describeWhy(divergence.why)})`,
    ...partLines(divergence, runId, run.moreFields).map((text) => `  ${text}`),
  ]
}

function placeOf({ role, deliveryId, type, attempt }: ReplayDivergence, runId = ''): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : ''
  return `${role}, handling ${pathOf(deliveryId, runId)} ${type}${again}`
}

/** Its id without that of the run: `.h.b2`; of the first message `.`. */
function pathOf(deliveryId: string, runId: string): string {
  return withoutRunId(deliveryId, runId).replace(RUN_TOKEN, '') || '.'
}

function partLines(
  divergence: ReplayDivergence,
  runId: string | undefined,
  moreFields = 0,
): readonly string[] {
  const { differences } = divergence
  if (differences.length === 0 || divergence.what === 'end') {
    const { expected, actual } = describeDivergence(divergence)
    return bothLines(expected, actual)
  }
  const more = differences.length + moreFields - MOST_FIELDS
  return [
    ...differences.slice(0, MOST_FIELDS).flatMap((difference) => fieldLines(difference, runId)),
    ...(more > 0 ? [`and ${more} more`] : []),
  ]
}

function fieldLines(
  { path, kind, before, after, isSecretValue }: FieldDifference,
  runId: string | undefined,
): readonly string[] {
  const name = path === '' ? 'all of it' : path
  if (isSecretValue === true) return [`${name}: the value of a secret`]
  const json = (value: unknown) => canonicalJson(value, runId)
  const [expected, actual] = [
    kind === 'added' ? 'nothing' : json(before),
    kind === 'removed' ? 'nothing' : json(after),
  ]
  return [`${name}:`, ...bothLines(expected, actual).map((text) => `  ${text}`)]
}

/** Two texts from a little before the place where they begin to differ. */
function bothLines(expected: string, actual: string): readonly string[] {
  const from = shownFrom(expected, actual)
  const shown = (text: string) => cutText(text, from, MOST_SHOWN)
  return [`expected: ${shown(expected)}`, `actual:   ${shown(actual)}`]
}
