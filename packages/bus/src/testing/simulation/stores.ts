import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Journal } from '../../journal.ts'
import { systemRuntime } from '../../runtime.ts'
import { openFile } from '../../sqlite/open-journal.ts'
import { wrapJournal } from '../wrap-journal.ts'
import { type CreateStore, memoryStore } from './store.ts'

/** The stores that a simulation can be run on, by name. */
export const STORES = ['memory', 'sqlite'] as const
export type StoreName = (typeof STORES)[number]

/** The store of a name. Files are in the system's folder for temporary ones. */
export function storeNamed(name: StoreName): CreateStore {
  return name === 'memory' ? memoryStore : sqliteStore()
}

/** A journal in a file of its own, which each process has opened for itself. */
export function sqliteStore(folder = tmpdir()): CreateStore {
  return (isAlive) => {
    const path = mkdtempSync(join(folder, 'nanoagent-simulation-'))
    const opened: Journal[] = []
    return {
      open(process) {
        const journal = openFile(
          join(path, 'journal.db'),
          // Its leases end with their process: time in the world is not the system's.
          { runtime: { ...systemRuntime, elapsed: () => 0 } },
          {
            self: { host: 'here', boot: '1', space: '1', pid: process, started: '1' },
            uptime: () => 0,
            isAlive: ({ pid }) => isAlive(pid),
            isOwnerAlive: () => true,
          },
        )
        opened.push(journal)
        const { durability, multiProcess } = journal.features
        return wrapJournal(journal, { features: { durability, multiProcess } })
      },
      async close() {
        for (const journal of opened) await journal.close()
        rmSync(path, { recursive: true, force: true })
      },
    }
  }
}
