import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { type ExportedRun, exportRuns, type JournalRecord, readExport } from '@nanoagent/bus'
import type { RunsFileOnDisk } from './run-files.ts'

/** How a file of runs is written anew. */
export interface RewriteOptions {
  /** Opens the values of secrets, where they are sealed, and seals them again. */
  readonly passphrase?: string | (() => Promise<string>)
  /**
   * Gives what a run is to be; `undefined` where it stays as it is. In a file where secrets are not sealed
   * their values are not written.
   */
  readonly change: (
    run: ExportedRun,
    file: { readonly isSealed: boolean },
  ) => Promise<readonly JournalRecord[] | undefined>
}

/** Characters that are written at once. */
const CHUNK = 65_536

/**
 * Writes a file of exported runs anew, one run in memory at a time, where some of them change. It is there
 * whole, as it was or as it is, whatever happens.
 */
export async function rewriteFile(
  { path, open: openRuns }: RunsFileOnDisk,
  { passphrase, change }: RewriteOptions,
): Promise<void> {
  let opensWith: string | undefined
  const given = async () => {
    opensWith = typeof passphrase === 'function' ? await passphrase() : passphrase
    return opensWith ?? ''
  }
  const runs = readExport(openRuns, passphrase === undefined ? {} : { passphrase: given })
  // Whether secrets are sealed is known with the first run.
  const first = await runs.next()
  let isChanged = false
  let records: readonly JournalRecord[] = []
  async function* runIds(): AsyncGenerator<string> {
    for (let next = first; next.done !== true; next = await runs.next()) {
      const changed = await change(next.value, { isSealed: opensWith !== undefined })
      isChanged ||= changed !== undefined
      records = changed ?? next.value.records
      yield next.value.runId
    }
  }
  async function* read(): AsyncGenerator<JournalRecord> {
    yield* records
  }
  await replaceFile(path, async (write) => {
    await exportRuns(
      { read },
      runIds(),
      write,
      opensWith === undefined ? {} : { passphrase: opensWith, replaces: openRuns },
    )
    return isChanged
  })
}

/** Puts what is written in the place of a file, where it is wanted in the end. */
async function replaceFile(
  link: string,
  fill: (write: (line: string) => Promise<void>) => Promise<boolean>,
): Promise<void> {
  // What a link leads to is written, and the link stays.
  const path = await realpath(link)
  const part = `${path}.${process.pid}.part`
  const { mode } = await stat(path)
  try {
    await using file = await open(part, 'wx', mode)
    const lines = chunked(file)
    const isWanted = await fill(lines.write)
    if (!isWanted) return
    await lines.end()
    await file.sync()
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
}

function chunked(file: FileHandle) {
  let text = ''
  const end = async () => {
    await file.writeFile(text)
    text = ''
  }
  return {
    async write(line: string) {
      text += line
      if (text.length >= CHUNK) await end()
    },
    end,
  }
}
