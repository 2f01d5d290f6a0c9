import type { ReplayDivergence, ReplayedDelivery, ReplayReport } from '@nanoagent/orchestrator'
import type { DiffOptions } from '../reading/field-lines.ts'
import { countText } from '../reading/words.ts'
import { ruled } from '../report/sections.ts'
import { wrapped } from '../screen/cells.ts'
import { oneLine } from '../screen/printable.ts'
import type { ReplayFlags } from './command-line.ts'
import { divergenceLines, placeText } from './divergence-lines.ts'

/** What came of a replay, or of as much of it as was made. */
export interface Verdict extends Pick<ReplayReport, 'reason' | 'divergence' | 'deliveries'> {
  /** `left` where somebody has left before the end, and nothing has diverged by then. */
  readonly status: ReplayReport['status'] | 'left'
}

/** What `replay --json` prints: each attempt in short, the first divergence in full. */
export function verdictJson(
  { runId, status, reason, recorded, divergence, deliveries }: ReplayReport,
  { attempts }: ReplayFlags,
): object {
  return {
    runId,
    status,
    ...(reason === undefined ? {} : { reason }),
    recorded,
    attempts,
    divergence: divergence ?? null,
    deliveries: deliveries.map(({ divergence, ...delivery }) =>
      divergence === undefined ? delivery : { ...delivery, why: divergence.why },
    ),
  }
}

/** What a replay says at its end. */
export function verdictLines(verdict: Verdict, options: DiffOptions): readonly string[] {
  return ['', ...ruled('-', 'REPLAY', options.paint), ...contentLines(verdict, options)]
}

function contentLines(verdict: Verdict, options: DiffOptions): readonly string[] {
  const { status, reason = '', divergence, deliveries } = verdict
  const { paint, width } = options
  if (divergence !== undefined) return divergedLines(divergence, deliveries, options)
  switch (status) {
    case 'identical':
      return wrapped(`${paint('green', 'identical')}: ${countsText(deliveries)}`, width)
    case 'left':
      return wrapped(`left before the end: ${countsText(deliveries)}`, width)
    default:
      return [
        `${paint('yellow', 'not replayable')}: ${oneLine(reason)}`,
        countsText(deliveries),
      ].flatMap((text) => wrapped(text, width))
  }
}

function divergedLines(
  first: ReplayDivergence,
  deliveries: readonly ReplayedDelivery[],
  options: DiffOptions,
): readonly string[] {
  const { paint, width } = options
  const others = deliveries.flatMap(({ divergence }) =>
    divergence === undefined || divergence === first ? [] : placeText(divergence),
  )
  const more = others.length === 0 ? [] : [`So has ${others.join('; ')}.`]
  return [
    `${paint('red', 'diverged')}: ${placeText(first)}`,
    ...divergenceLines(first, options),
    ...[...more, capital(countsText(deliveries))].flatMap((text) => wrapped(text, width)),
  ]
}

/** How many were made again, and what became of the others. */
function countsText(deliveries: readonly ReplayedDelivery[]): string {
  const of = (wanted: ReplayedDelivery['status']) =>
    deliveries.filter(({ status }) => status === wanted)
  const alike = of('identical').length
  const made = alike + of('diverged').length
  const count = alike === made ? 'all' : alike === 0 ? 'none' : alike
  const skipped = Map.groupBy(of('skipped'), ({ reason = '' }) => reason)
  const lost = of('not_replayable').length
  return [
    `${countText(made, 'attempt')} made again`,
    made === 0 ? '' : `, ${count} as recorded`,
    ...[...skipped].map(([reason, some]) => `; ${some.length} not made again: ${reason}`),
    lost === 0 ? '' : `; ${lost} could not be`,
    '.',
  ].join('')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
