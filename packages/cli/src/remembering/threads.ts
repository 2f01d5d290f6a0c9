import { type Journal, listThreads } from '@nanoagent/bus'
import type { ReadFlags } from '../reading/command-line.ts'
import { ageOf } from '../reading/moment.ts'
import type { Screen } from '../reading/read.ts'
import { numberText } from '../reading/words.ts'
import { printAll } from '../screen/output.ts'
import { printableJsonLine } from '../screen/printable.ts'
import { type Column, tableOf } from '../screen/table.ts'

const COLUMNS: readonly Column[] = [
  { title: 'THREAD', paint: (paint, text) => paint('cyan', text) },
  { title: 'RUNS', align: 'right' },
  { title: 'MEMORIES', align: 'right' },
  { title: 'FIRST USED', align: 'right', spare: 1 },
  { title: 'LAST USED', align: 'right' },
]

/** Lists threads, the one that was used last first. */
export async function showThreads(
  journal: Pick<Journal, 'runs' | 'memory'>,
  { json }: ReadFlags,
  { output, paint, now }: Screen,
): Promise<void> {
  const threads = await listThreads(journal)
  if (json === true) {
    printAll(output, threads.map(printableJsonLine))
    return
  }
  const rows = threads.map(({ thread, runs, memories, firstAt, lastAt }) => [
    thread,
    numberText(runs),
    numberText(memories),
    `${ageOf(firstAt, now)} ago`,
    `${ageOf(lastAt, now)} ago`,
  ])
  printAll(output, tableOf(COLUMNS, rows, { paint, width: output.width }))
  if (threads.length === 0) {
    output.notify('The journal has no threads: nanoagent chat begins one, or --thread with a run.')
  }
}
