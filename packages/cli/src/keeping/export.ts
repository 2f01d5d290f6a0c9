import { open, rm } from 'node:fs/promises'
import {
  type ExportReport,
  type ExportSource,
  exportRuns,
  findRun,
  type Journal,
  type JournalReader,
  listRuns,
} from '@nanoagent/bus'
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
  const needsKey = flags.withSecrets === true
  await using opened = await openForReading({ ...settings, flags }, { needsKey })
  const journal = {
    ...interruptible(opened, settings.interruption.signal),
    memory: opened.memory,
  }
  const runIds = await chosen(keeping, journal)
  const report =
    runIds.length === 0 ? NOTHING : await exportRunsOf(runIds, journal, keeping, settings)
  const memoriesLeft = flags.all === true ? await memoriesBeside(runIds, opened) : 0
  tell({ ...report, memoriesLeft }, runIds, keeping, settings)
  return EXIT.pass
}

const NOTHING: ExportReport = {
  runs: 0,
  records: 0,
  withoutValue: 0,
  neededRuns: [],
  lostMemories: 0,
}

async function exportRunsOf(
  runIds: readonly string[],
  journal: ExportSource,
  { flags }: Export,
  settings: KeepSettings,
): Promise<ExportReport> {
  const { output } = settings
  const passphrase = flags.withSecrets === true ? await newPassphrase(settings) : undefined
  const write = async (to: (text: string) => Promise<unknown>) => {
    const lines = chunked(to)
    const report = await exportRuns(journal, runIds, lines.write, {
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(flags.output === undefined ? {} : { onRun: transferProgress('Exporting', output) }),
    })
    await lines.end()
    return report
  }
  if (flags.output !== undefined) return await intoNewFile(flags.output, write)
  return await write(async (text) => {
    output.write(text)
    await output.drained()
  })
}

/** Says what was exported, and what was not. */
function tell(
  report: ExportReport & { readonly memoriesLeft: number },
  runIds: readonly string[],
  { flags }: Export,
  { output }: KeepSettings,
): void {
  const { runs, records, withoutValue, memoriesLeft, neededRuns, lostMemories } = report
  // To standard output it is JSON already.
  if (flags.json === true && flags.output !== undefined) {
    output.print(printableJson({ path: runs === 0 ? null : flags.output, ...report }))
    return
  }
  if (withoutValue > 0) {
    const count = countText(withoutValue, 'secret')
    output.notify(`${count} had no value in the journal and went along as a name alone.`)
  }
  if (memoriesLeft > 0) {
    const count = countText(memoriesLeft, 'memory', 'memories')
    output.notify(`${count} of runs that were pruned did not go along: nanoagent backup keeps all.`)
  }
  if (neededRuns.length > 0) output.notify(neededText(neededRuns, runIds))
  if (lostMemories > 0) {
    const count = countText(lostMemories, 'memory', 'memories')
    output.notify(
      `${count} that exported runs have read cannot be had: forgotten, or of a run that was pruned. ` +
        'What has read such a memory cannot be replayed.',
    )
  }
  const where = flags.output === undefined ? '' : ` to ${flags.output}`
  const counts = `${countText(runs, 'run')} with ${countText(records, 'record')}`
  output.notify(
    runs === 0
      ? 'The journal has no such runs: nothing was exported.'
      : `Exported ${counts}${where}.`,
  )
}

/** Most runs that a command line is shown with. */
const MOST_NAMED = 6

/** Which runs are to go along, and how. */
function neededText(neededRuns: readonly string[], runIds: readonly string[]): string {
  const count = countText(neededRuns.length, 'other run')
  const what = `What was exported has read memories of ${count}`
  const without = 'cannot be replayed without: export all into one file'
  const all = [...neededRuns, ...runIds]
  const how =
    all.length <= MOST_NAMED
      ? `nanoagent export ${all.join(' ')}`
      : `${neededRuns.slice(0, MOST_NAMED).join(', ')}${neededRuns.length > MOST_NAMED ? ' and more, which -o with --json lists' : ''}`
  return `${what}, and ${without}, ${how}.`
}

/** The ids of the runs that are meant, each once, the oldest first: a run may need those before it. */
async function chosen({ flags, runs }: Export, journal: JournalReader): Promise<readonly string[]> {
  if (runs.length > 0) {
    const openedAt = new Map<string, number>()
    for (const ref of runs) {
      const runId = await findRun(journal, ref)
      for await (const entry of journal.runs({ idPrefix: runId })) {
        if (entry.runId === runId) openedAt.set(runId, entry.openedAt)
      }
    }
    return [...openedAt].sort(([, a], [, b]) => a - b).map(([runId]) => runId)
  }
  const ids: string[] = []
  for await (const { runId } of listRuns(journal, queryOf(flags))) ids.push(runId)
  return ids.reverse()
}

/** How many memories are there that no record of these runs has: what pruned runs have left in threads. */
async function memoriesBeside(
  runIds: readonly string[],
  { memory }: Pick<Journal, 'memory'>,
): Promise<number> {
  const exported = new Set(runIds)
  let count = 0
  for await (const { runId } of memory.list()) if (!exported.has(runId)) count++
  return count
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
