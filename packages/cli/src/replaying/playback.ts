import type { JournalRecord } from '@nanoagent/bus'
import type { Pace } from './pace.ts'

/** Shows the records of a run in their order, as far as they are wanted. */
export interface Playback {
  /** Shows those up to the one with this number. */
  upTo(seq: number): Promise<void>
  /** Shows the messages that come next: what was shown last has published them. */
  published(): Promise<void>
  toEnd(): Promise<void>
}

/** Creates a playback of a run, which takes its time. */
export function createPlayback(
  records: readonly JournalRecord[],
  show: (record: JournalRecord) => void,
  pace: Pace,
): Playback {
  let next = 0
  const showWhile = async (isWanted: (record: JournalRecord) => boolean) => {
    for (;;) {
      const record = records[next]
      if (record === undefined || !isWanted(record)) return
      next++
      await pace(record)
      show(record)
    }
  }
  return {
    upTo: (seq) => showWhile((record) => record.seq <= seq),
    published: () => showWhile(({ kind }) => kind === 'message'),
    toEnd: () => showWhile(() => true),
  }
}
