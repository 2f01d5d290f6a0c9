import { findRun, type JournalReader, readInOneTime, readRun } from '@nanoagent/bus'
import { printAll } from '../screen/output.ts'
import { printableJson } from '../screen/printable.ts'
import type { Reading } from './command-line.ts'
import { forksOf } from './family.ts'
import { messageLines } from './message-lines.ts'
import { typedMessage } from './message-path.ts'
import { messageReport, runReport } from './message-report.ts'
import type { Screen } from './read.ts'
import { runLines } from './run-lines.ts'

/** Shows a run, or one message of it. */
export async function showRun(
  journal: JournalReader,
  { run, message, flags }: Extract<Reading, { readonly name: 'show' }>,
  screen: Screen,
): Promise<void> {
  const [runRef, messageRef] = partsOf(run, message)
  const reading = await readRun(journal, await findRun(journal, runRef))
  const shown = () => readInOneTime(journal, reading)
  const { output, paint } = screen
  if (messageRef === undefined) {
    const forks = await forksOf(journal, reading.runId)
    if (flags.json === true) output.print(printableJson(runReport(reading, forks)))
    else printAll(output, runLines(await shown(), forks, screen))
    return
  }
  const id = typedMessage(reading.graph, messageRef)
  if (flags.json === true) output.print(printableJson(messageReport(reading, id)))
  else printAll(output, messageLines(await shown(), id, paint))
}

/** A message's id has that of its run in it. */
function partsOf(
  run: string,
  message: string | undefined,
): readonly [run: string, message: string | undefined] {
  const end = run.indexOf('.')
  return message !== undefined || end < 1 ? [run, message] : [run.slice(0, end), run.slice(end)]
}
