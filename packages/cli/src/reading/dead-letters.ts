import {
  type DeadLetterReading,
  deadLetters,
  type JournalReader,
  shortestRef,
} from '@nanoagent/bus'
import { oneLine } from '../screen/printable.ts'
import type { Column } from '../screen/table.ts'
import type { FilterFlags } from './command-line.ts'
import { queryOf } from './filters.ts'
import { showListing } from './listing.ts'
import { pathOf } from './message-path.ts'
import { ageOf } from './moment.ts'
import type { Screen } from './read.ts'

const COLUMNS: readonly Column[] = [
  { title: 'RUN', paint: (paint, text) => paint('cyan', text) },
  { title: 'MESSAGE' },
  { title: 'AGE', align: 'right', spare: 1 },
  { title: 'ROLE' },
  { title: 'TYPE', spare: 2 },
  { title: 'REASON', paint: (paint, text) => paint('red', text) },
  { title: 'ATTEMPTS', align: 'right', spare: 3 },
  { title: 'ERROR' },
]

/** Lists dead letters, those of the newest run first. */
export async function showDeadLetters(
  journal: JournalReader,
  flags: FilterFlags,
  screen: Screen,
): Promise<void> {
  const isCut = screen.output.width !== undefined
  const rowOf = async (letter: DeadLetterReading) => {
    const { runId, message, at, role, isCopy, reason, attempts, error } = letter
    return [
      isCut ? await shortestRef(journal, runId) : runId,
      pathOf(message.id),
      ageOf(at, screen.now),
      isCopy ? `${oneLine(role)} (listens)` : oneLine(role),
      oneLine(message.type),
      reason.replaceAll('_', ' '),
      String(attempts),
      oneLine(error?.message ?? ''),
    ]
  }
  const items = deadLetters(journal, queryOf(flags))
  await showListing({ what: 'dead letters', items, columns: COLUMNS, rowOf }, flags, screen)
}
