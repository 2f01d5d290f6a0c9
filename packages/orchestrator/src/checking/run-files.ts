import { createReadStream } from 'node:fs'
import { glob, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OpenExport } from '@nanoagent/bus'

/** A file of recorded runs, as `exportRuns` has written it. */
export interface RunsFile {
  /** What it is called in a report. */
  readonly name: string
  readonly open: OpenExport
}

/** A file of recorded runs that can be written, too. */
export interface RunsFileOnDisk extends RunsFile {
  readonly path: string
}

/**
 * The files that end in `.jsonl` in a folder and the folders in it, by their paths from there, in the order
 * of these; of a file it is that file. A link counts as the file that it leads to, also where that is missing:
 * then it cannot be read. Rejects with the system's error where there is no such path.
 */
export async function runFiles(place: string | URL): Promise<readonly RunsFileOnDisk[]> {
  const path = typeof place === 'string' ? place : fileURLToPath(place)
  const file = (name: string, at: string) => ({ name, path: at, open: () => createReadStream(at) })
  if (!(await stat(path)).isDirectory()) return [file(path, path)]
  const folder = resolve(path)
  const found: string[] = []
  for await (const entry of glob('**/*.jsonl', { cwd: folder, withFileTypes: true })) {
    const at = join(entry.parentPath, entry.name)
    if (entry.isFile() || (entry.isSymbolicLink() && !(await isFolder(at)))) {
      found.push(relative(folder, at))
    }
  }
  return found.sort().map((name) => file(name.replaceAll(sep, '/'), join(folder, name)))
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() === true
}
