import type { Journal, JournalRecord, Run } from '@nanoagent/bus'

/**
 * The records of a run from its first to its last, as they come, also of one that goes on after an end.
 * Ends early where the run is lost.
 */
export function followRun(
  journal: Journal,
  run: Pick<Run, 'id' | 'result'>,
): AsyncIterable<JournalRecord> {
  return {
    async *[Symbol.asyncIterator]() {
      const stop = new AbortController()
      const end = () => stop.abort()
      run.result.then(end, end)
      let after = 0
      for await (const record of journal.follow({ runId: run.id, signal: stop.signal })) {
        after = record.seq
        yield record
      }
      for await (const record of journal.read({ runId: run.id, after })) yield record
    },
  }
}
