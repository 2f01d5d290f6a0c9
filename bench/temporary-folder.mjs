import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A folder on the disk that the benchmark is on, which goes with everything in it when it is disposed.
 * The system's temporary folder may be in memory, where a commit costs nothing.
 */
export function temporaryFolder() {
  const results = join(import.meta.dirname, 'results')
  mkdirSync(results, { recursive: true })
  const folder = mkdtempSync(join(results, 'files-'))
  return {
    file: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
