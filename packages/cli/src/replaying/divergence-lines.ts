import { describeDivergence } from '@nanoagent/bus'
import { describeWhy, type ReplayDivergence } from '@nanoagent/orchestrator'
import { type DiffOptions, diffLine, fieldLines } from '../reading/field-lines.ts'
import { pathOf } from '../reading/message-path.ts'
import { dataLines } from '../screen/data-lines.ts'
import { oneLine } from '../screen/printable.ts'

/** Which attempt of whom it is. */
export function placeText({
  role,
  deliveryId,
  type,
  attempt,
}: Pick<ReplayDivergence, 'role' | 'deliveryId' | 'type' | 'attempt'>): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : ''
  return `${oneLine(role)}, handling ${pathOf(deliveryId)} ${oneLine(type)}${again}`
}

/** A divergence for people: where it is and why, then what was recorded and what is now. */
export function divergenceLines(
  divergence: ReplayDivergence,
  options: DiffOptions,
): readonly string[] {
  const { what } = describeDivergence(divergence)
  return [`  ${what} (${describeWhy(divergence.why)})`, ...partLines(divergence, options)]
}

const INDENT = '    '

function partLines(divergence: ReplayDivergence, options: DiffOptions): readonly string[] {
  const { how, what, differences, expected, actual } = divergence
  if (differences.length > 0 && what !== 'end') {
    return differences.flatMap((difference) => fieldLines(difference, INDENT, options))
  }
  const text = describeDivergence(divergence)
  const before = `expected: ${oneLine(text.expected)}`
  const now = `actual: ${oneLine(text.actual)}`
  if (how === 'missing' && what !== 'end') {
    return [
      ...wholeLines('removed', 'expected:', expected, options),
      diffLine('added', INDENT, now, options),
    ]
  }
  if (how === 'added') {
    return [
      diffLine('removed', INDENT, before, options),
      ...wholeLines('added', 'actual:', actual, options),
    ]
  }
  return [diffLine('removed', INDENT, before, options), diffLine('added', INDENT, now, options)]
}

/** All that is missing, or new. */
function wholeLines(
  kind: 'removed' | 'added',
  title: string,
  part: unknown,
  options: DiffOptions,
): readonly string[] {
  return [title, ...dataLines(part, '  ')].map((line) => diffLine(kind, INDENT, line, options))
}
