import { findRun, type JournalReader, listRuns } from '@nanoagent/bus'
import { queryOf } from './filters.ts'
import type { RunChoice, RunChoiceFlags } from './run-choice.ts'

/** The ids of the chosen runs, the newest first, while they are read. */
export async function* chosenRuns(
  journal: JournalReader,
  choice: RunChoice,
  flags: RunChoiceFlags,
): AsyncGenerator<string> {
  if (choice.kind === 'one') {
    yield await findRun(journal, choice.ref)
    return
  }
  const limit = choice.kind === 'all' ? {} : { limit: choice.count }
  for await (const { runId } of listRuns(journal, { ...queryOf(flags), ...limit })) yield runId
}
