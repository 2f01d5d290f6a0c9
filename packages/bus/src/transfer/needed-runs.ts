import type { Journal } from '../journal.ts'
import { memoriesRead } from '../memory-steps.ts'
import type { JournalRecord } from '../records.ts'

/** A replay of a run needs the memories that it has read; those of other runs of its thread are in their records. */
export interface NeededRuns {
  /**
   * Ids of runs that have written what exported runs have read, or what one of these has read, the oldest
   * first: exported before them into the same file, they make it whole.
   */
  readonly needed: readonly string[]
  /** How many memories exported runs have read that no run of the journal has any more: forgotten, or of pruned runs. */
  readonly lost: number
}

/** Finds out which other runs the runs of an export need. */
export class MemoriesNeeded {
  readonly #found = new Set<string>()
  readonly #missing = new Set<string>()
  /** Of the run that is read. */
  readonly #own = new Set<string>()
  readonly #reads = new Set<string>()
  #isInThread = false

  /** Takes the records of runs in the order in which they are in the file. */
  add(record: JournalRecord): void {
    if (record.kind === 'run.opened') {
      this.#endRun()
      this.#isInThread = record.thread !== undefined
    } else if (record.kind === 'memory' && record.value !== undefined) this.#own.add(record.id)
    else if (record.kind === 'step') for (const id of memoriesRead(record)) this.#reads.add(id)
  }

  async result(journal: Pick<Journal, 'read'>): Promise<NeededRuns> {
    this.#endRun()
    const needed = new Map<string, number>()
    const written = new Set<string>()
    const todo = [...this.#missing]
    const seen = new Set(todo)
    for (const id of todo) {
      if (written.has(id)) continue
      const runId = runOf(id)
      if (needed.has(runId)) continue
      let openedAt: number | undefined
      for await (const record of journal.read({ runId })) {
        if (record.kind === 'run.opened') openedAt = record.at
        if (record.kind === 'memory' && record.value !== undefined) written.add(record.id)
        if (record.kind !== 'step') continue
        for (const further of memoriesRead(record)) {
          if (this.#found.has(further) || seen.has(further)) continue
          seen.add(further)
          todo.push(further)
        }
      }
      if (openedAt !== undefined && written.has(id)) needed.set(runId, openedAt)
    }
    return {
      needed: [...needed].sort(([, a], [, b]) => a - b).map(([runId]) => runId),
      lost: [...this.#missing].filter((id) => !written.has(id)).length,
    }
  }

  #endRun(): void {
    for (const id of this.#reads) {
      if (!this.#own.has(id) && !this.#found.has(id)) this.#missing.add(id)
    }
    // What is in no thread no other run can read.
    if (this.#isInThread) for (const id of this.#own) this.#found.add(id)
    this.#own.clear()
    this.#reads.clear()
  }
}

function runOf(memoryId: string): string {
  return /^[\w-]+/.exec(memoryId)?.[0] ?? memoryId
}
