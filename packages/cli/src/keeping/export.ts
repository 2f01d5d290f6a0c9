import { open, rm } from 'node:fs/promises'
import { exportRuns, findRun, type JournalReader, listRuns } from '@nanoagent/bus'
import { EXIT } from '../exit-status.ts'
import { openForReading } from '../journal-choice.ts'
import { queryOf } from '../reading/filters.ts'
import { interruptible } from '../reading/interruptible.ts'
import { countText } from '../reading/words.ts'
import { printableJson } from '../screen/printable.ts'
import type { Keeping } from './command-line.ts'
import { fileError } from './file-errors.ts'
import type { KeepSettings } from './keep.ts'
import { newPassphrase } from './passphrase.ts'
import { transferProgress } from './transfer-progress.ts'

type Export = Extract<Keeping, { readonly name: 'export' }>

/** Characters that are written at once. */
const CHUNK = 65_536

/** Writes runs to a file or to standard output; gives the exit status. */
export async function exportTo(keeping: Export, settings: KeepSettings): Promise<number> {
  const { flags } = keeping
  const { output, interruption } = settings
  const needsKey = flags.withSecrets === true
  await using opened = await openForReading({ ...settings, flags }, { needsKey })
  const journal = interruptible(opened, interruption.signal)
  const runIds = await chosen(keeping, journal)
  const toFile = flags.output !== undefined
  // To standard output it is JSON already.
  const isTold = toFile && flags.json === true
  if (runIds.length === 0) {
    if (isTold) output.print(printableJson({ path: null, runs: 0, records: 0, withoutValue: 0 }))
    else output.notify('The journal has no such runs: nothing was exported.')
    return EXIT.pass
  }
  const passphrase = flags.withSecrets === true ? await newPassphrase(settings) : undefined
  const write = async (to: (text: string) => Promise<unknown>) => {
    const lines = chunked(to)
    const report = await exportRuns(journal, runIds, lines.write, {
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(toFile ? { onRun: transferProgress('Exporting', output) } : {}),
    })
    await lines.end()
    return report
  }
  const report =
    flags.output === undefined
      ? await write(async (text) => {
          output.write(text)
          await output.drained()
        })
      : await intoNewFile(flags.output, write)
  if (isTold) {
    output.print(printableJson({ path: flags.output, ...report }))
    return EXIT.pass
  }
  if (report.withoutValue > 0) {
    output.notify(
      `${countText(report.withoutValue, 'secret')} had no value in the journal and went along as a name alone.`,
    )
  }
  const where = flags.output === undefined ? '' : ` to ${flags.output}`
  const counts = `${countText(report.runs, 'run')} with ${countText(report.records, 'record')}`
  output.notify(`Exported ${counts}${where}.`)
  return EXIT.pass
}

/** The ids of the runs that are meant, each once: as they were named, else the oldest first. */
async function chosen({ flags, runs }: Export, journal: JournalReader): Promise<readonly string[]> {
  if (runs.length > 0) {
    const ids: string[] = []
    for (const ref of runs) ids.push(await findRun(journal, ref))
    return [...new Set(ids)]
  }
  const ids: string[] = []
  for await (const { runId } of listRuns(journal, queryOf(flags))) ids.push(runId)
  return ids.reverse()
}

function chunked(to: (text: string) => Promise<unknown>): {
  readonly write: (line: string) => Promise<void>
  readonly end: () => Promise<void>
} {
  let text = ''
  const end = async () => {
    const chunk = text
    text = ''
    if (chunk !== '') await to(chunk)
  }
  return {
    async write(line) {
      text += line
      if (text.length >= CHUNK) await end()
    },
    end,
  }
}

/** Writes a file that is the user's alone, and is gone again where it cannot be written to its end. */
async function intoNewFile<T>(
  path: string,
  write: (to: (text: string) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const file = await open(path, 'wx', 0o600).catch((error) => {
    throw fileError(path, 'cannot be made', error, 'name a file that is not there yet')
  })
  try {
    const result = await write((text) => file.writeFile(text))
    await file.sync()
    await file.close()
    return result
  } catch (error) {
    await file.close().catch(() => {})
    await rm(path, { force: true })
    throw fileError(path, 'cannot be written', error, 'name another file')
  }
}
