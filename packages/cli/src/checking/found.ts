import type { CheckCounts, CheckedRun } from '@nanoagent/orchestrator'

/** What came of checked files. */
export interface Found {
  /** As they were named. */
  readonly path: string
  readonly files: number
  readonly counts: CheckCounts
  /** In the order of their files, and in that of a file. */
  readonly runs: readonly CheckedRun[]
  /** Whether all of them were checked. */
  readonly isComplete: boolean
  readonly durationMs: number
}

/** How many runs came to what. */
export function countsOf(runs: Iterable<CheckedRun>): CheckCounts {
  const counts = { identical: 0, diverged: 0, not_replayable: 0, unreadable: 0 }
  for (const { status } of runs) counts[status]++
  return counts
}
