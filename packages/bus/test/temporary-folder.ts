import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of one test's own, deleted with everything in it when it is disposed. */
export interface TemporaryFolder extends Disposable {
  readonly path: string
  /** The path of a file in it. */
  file(name: string): string
}

/** Makes a temporary folder; in memory where the system has such folders, since a test may open many files. */
export function temporaryFolder(): TemporaryFolder {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const path = mkdtempSync(join(parent, 'nanoagent-'))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}
