import { findRun, type Journal, type JournalRecord, shortestRef } from '@nanoagent/bus'
import { firstCells } from '../screen/cells.ts'
import { printEach } from '../screen/output.ts'
import { printableJsonLine } from '../screen/printable.ts'
import type { Reading } from './command-line.ts'
import { clockText } from './moment.ts'
import type { Screen } from './read.ts'
import { Recipients } from './recipients.ts'
import { recordLine, subjectOf } from './record-line.ts'

const WAITING = 'Waiting for what happens. Ctrl-C ends it.'

/** Most paths are no longer. */
const PATH_CELLS = 8

/** Where records are shown until the signal aborts. */
export interface TailScreen extends Screen {
  readonly signal: AbortSignal
}

/** Shows records as they come: of one run until it ends, of all until the signal aborts. */
export async function tail(
  journal: Journal,
  { run, flags }: Extract<Reading, { readonly name: 'tail' }>,
  { output, paint, signal }: TailScreen,
): Promise<void> {
  const records =
    run === undefined
      ? journal.follow({ after: await journal.lastSeq(), signal })
      : wholeRun(journal, await findRun(journal, run), signal)
  if (flags.json === true) {
    await printEach(output, jsonLines(records))
    return
  }
  if (output.width !== undefined) output.hint(paint('dim', firstCells(WAITING, output.width)))
  const recipients = new Recipients(journal)
  const ids = new Map<string, string>()
  async function* lines(): AsyncIterable<string> {
    for await (const record of records) {
      const { runId, at, kind } = record
      const id = ids.get(runId) ?? (await shortestRef(journal, runId))
      ids.set(runId, id)
      const place = `${clockText(at)}  ${id}  ${subjectOf(record).padEnd(PATH_CELLS)}`
      yield `${paint('dim', place)}  ${recordLine(record, await recipients.of(record), paint)}`
      if (kind === 'run.ended') {
        ids.delete(runId)
        recipients.forget(runId)
      }
    }
  }
  await printEach(output, lines())
  output.hint('')
}

async function* jsonLines(records: AsyncIterable<JournalRecord>): AsyncIterable<string> {
  for await (const record of records) yield printableJsonLine(record)
}

/** The records of a run from its first to its last, as they come. */
async function* wholeRun(
  journal: Journal,
  runId: string,
  signal: AbortSignal,
): AsyncIterable<JournalRecord> {
  for await (const record of journal.follow({ runId, signal })) {
    yield record
    if (record.kind === 'run.ended' && !(await goesOn(journal, record))) return
  }
}

/** Whether something follows what ended the run: it was opened again. */
async function goesOn(journal: Journal, { runId, seq }: JournalRecord): Promise<boolean> {
  for await (const _record of journal.read({ runId, after: seq })) return true
  return false
}
