import { findRun, type JournalReader, listRuns, type RunSummary, shortestRef } from '@nanoagent/bus'
import { shortTime } from '../report/seconds.ts'
import { oneLine } from '../screen/printable.ts'
import type { Column } from '../screen/table.ts'
import type { FilterFlags } from './command-line.ts'
import { queryOf } from './filters.ts'
import { showListing } from './listing.ts'
import { ageOf } from './moment.ts'
import type { Screen } from './read.ts'
import { inItsColour, numberText, statusText } from './words.ts'

const COLUMNS: readonly Column[] = [
  { title: 'RUN', paint: (paint, text) => paint('cyan', text) },
  { title: 'AGE', align: 'right', spare: 1 },
  { title: 'STATUS', paint: inItsColour, least: 9 },
  { title: 'TEAM', spare: 3, least: 8 },
  { title: 'VERDICT', paint: inItsColour },
  { title: 'TOOK', align: 'right', spare: 2 },
  { title: 'TOKENS', align: 'right', spare: 4 },
  { title: 'REQUEST' },
]

/** Lists runs, the newest first. */
export async function showRuns(
  journal: JournalReader,
  flags: FilterFlags,
  screen: Screen,
): Promise<void> {
  const isCut = screen.output.width !== undefined
  const rowOf = async (summary: RunSummary) => {
    const { runId, openedAt, status, team = '', verdict = '', durationMs, usage } = summary
    const tokens = usage === undefined ? 0 : usage.inputTokens + usage.outputTokens
    return [
      isCut ? await shortestRef(journal, runId) : runId,
      ageOf(openedAt, screen.now),
      statusText(status),
      oneLine(team),
      oneLine(verdict),
      durationMs === undefined ? '' : shortTime(durationMs),
      tokens === 0 ? '' : numberText(tokens),
      `${await originOf(summary)}${oneLine(summary.request ?? '')}`,
    ]
  }
  const originOf = async ({ forkedFrom }: RunSummary) => {
    if (forkedFrom === undefined) return ''
    const { runId } = forkedFrom
    return `⑂ ${isCut ? await shortestRef(journal, runId) : runId}: `
  }
  const { forksOf } = flags
  const forkedFrom = forksOf === undefined ? {} : { forkedFrom: await findRun(journal, forksOf) }
  const items = listRuns(journal, { ...queryOf(flags), ...forkedFrom })
  await showListing({ what: 'runs', items, columns: COLUMNS, rowOf }, flags, screen)
}
