import type { JournalRecord } from '@nanoagent/bus'
import { unlessAborted } from '../interruption.ts'
import type { Speed } from './command-line.ts'

/** What waiting takes. */
export interface PaceOptions {
  readonly speed: Speed
  readonly sleep: (ms: number) => Promise<unknown>
  /** Ends a wait at once: it rejects with the signal's reason. */
  readonly signal: AbortSignal
}

/** Waits until it is a record's turn. */
export type Pace = (record: Pick<JournalRecord, 'at' | 'kind'>) => Promise<void>

/** No run waits longer for anything; what lasted longer was that nobody ran it. */
const LONGEST_MS = 300_000

/**
 * Creates a pace that takes the records of a run in their order, and waits between two of them as long as
 * it took then, or a part of that. Time in which no process ran it does not count.
 */
export function createPace({ speed, sleep, signal }: PaceOptions): Pace {
  if (speed === 'max') return async () => signal.throwIfAborted()
  let before: number | undefined
  return async ({ at, kind }) => {
    signal.throwIfAborted()
    const isTakenUp = kind === 'start' || kind === 'run.reopened'
    const took = isTakenUp ? 0 : Math.min(at - (before ?? at), LONGEST_MS)
    before = Math.max(before ?? at, at)
    if (took > 0) await unlessAborted(sleep(took / Number(speed)), signal)
  }
}
