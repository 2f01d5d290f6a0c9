import type { Journal } from '../../journal.ts'
import { createMemoryJournal } from '../../journals/memory.ts'

/** Where a simulated world keeps its records. */
export interface Store {
  /** The journal that all processes share, as this one has it. Processes are numbered from 1. */
  open(process: number): Journal
  /** Frees what it holds. */
  close(): Promise<void>
}

/** Makes the store of one world, which may ask whether a process is alive. */
export type CreateStore = (isAlive: (process: number) => boolean) => Store

/** One journal in memory. */
export const memoryStore: CreateStore = (isAlive) => {
  const journal = createMemoryJournal({
    // The first id that a process makes is its owner's: see `SimulatedProcess`.
    isAlive: (owner) => isAlive(Number(/^process-(\d+)-1$/.exec(owner)?.[1])),
  })
  return { open: () => journal, close: () => journal.close() }
}
