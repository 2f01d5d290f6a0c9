import { access, constants, rename, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { junitXml, type RunsFileOnDisk, runFiles, type UpdatedRun } from '@nanoagent/orchestrator'
import { UsageError } from '../errors.ts'
import { EXIT } from '../exit-status.ts'
import { fileError } from '../keeping/file-errors.ts'
import { givenPassphrase } from '../keeping/passphrase.ts'
import type { ReplaySettings } from '../replaying/replay.ts'
import { printAll } from '../screen/output.ts'
import { paintFor } from '../screen/paint.ts'
import { oneLine, printableJson } from '../screen/printable.ts'
import type { CheckFlags } from './command-line.ts'
import { countsOf, type Found } from './found.ts'
import { type CheckProgress, checkProgress, runLine, summaryLine } from './report.ts'
import { updateFound, updateLines } from './update.ts'
import { checkFiles } from './workers.ts'

/** Cells of a line of what has changed, where no terminal says how many: prompts are long. */
const UPDATE_WIDTH = 160

/** What is checked, in JUnit XML. */
const JUNIT_NAME = 'nanoagent replay --check'

/** Replays the exported runs of a folder or a file and says which are not alike; gives the exit status. */
export async function checkPath(flags: CheckFlags, settings: ReplaySettings): Promise<number> {
  const { output, interruption } = settings
  const files = await filesOf(flags.check)
  if (flags.junit !== undefined) await assertWritable(flags.junit)
  const progress = checkProgress(files.length, output)
  let given: Promise<string> | undefined
  const passphrase = () => {
    given ??= progress.quietWhile(() => givenPassphrase(settings))
    return given
  }
  const found = await find(files, { ...settings, flags, passphrase, progress })
  if (found.runs.length === 0 && found.isComplete) throw noRuns(flags.check)
  const paint = paintFor(process.stdout, flags)
  output.hint('')
  if (flags.json !== true) output.print(summaryLine(found, paint))
  const writeJunit = async (updated: readonly UpdatedRun[]) => {
    if (flags.junit === undefined || !found.isComplete) return
    const { durationMs } = found
    await writeWhole(flags.junit, junitXml(found, { name: JUNIT_NAME, durationMs, updated }))
  }
  // Also for where something stops what comes next.
  await writeJunit([])
  const isUpdating = flags.update === true && found.isComplete && found.counts.diverged > 0
  const updated = isUpdating
    ? await updateFound(found, files, { ...settings, flags, passphrase })
    : []
  if (isUpdating) await writeJunit(updated)
  output.hint('')
  if (flags.json === true) output.print(printableJson(flags.update ? { ...found, updated } : found))
  else if (isUpdating)
    printAll(output, updateLines(updated, { paint, width: output.width ?? UPDATE_WIDTH }))
  if (!found.isComplete) return interruption.exitStatus ?? EXIT.failed
  return statusOf(found, updated)
}

/** What a check works with. */
interface Finding extends ReplaySettings {
  readonly flags: CheckFlags
  readonly passphrase: () => Promise<string>
  readonly progress: CheckProgress
}

async function find(
  files: readonly RunsFileOnDisk[],
  { flags, passphrase, progress, output, interruption }: Finding,
): Promise<Found> {
  const { signal } = interruption
  const paint = paintFor(process.stdout, flags)
  const began = performance.now()
  const runs = await checkFiles({
    files,
    atOnce: flags.atOnce ?? availableParallelism(),
    attempts: flags.attempts,
    isWithoutSecrets: flags.withoutSecrets === true,
    passphrase,
    signal,
    onRun(run) {
      if (flags.json !== true && run.status !== 'identical') output.print(runLine(run, paint))
      progress.run(run)
    },
    onFile: progress.file,
  })
  return {
    path: flags.check,
    files: files.length,
    counts: countsOf(runs),
    isComplete: !signal.aborted,
    durationMs: Math.round(performance.now() - began),
    runs,
  }
}

function statusOf({ counts }: Found, updated: readonly UpdatedRun[]): number {
  const anew = updated.filter(({ diff }) => diff !== undefined).length
  if (counts.diverged > anew) return EXIT.diverged
  return counts.not_replayable + counts.unreadable > 0 ? EXIT.failed : EXIT.pass
}

async function filesOf(path: string): Promise<readonly RunsFileOnDisk[]> {
  const files = await runFiles(path).catch((error: unknown) => {
    throw fileError(path, 'cannot be read', error, 'name a folder of exported runs, or a file')
  })
  if (files.length === 0) throw noRuns(path)
  return files.map((file) => ({ ...file, name: file.name === path ? path : join(path, file.name) }))
}

function noRuns(path: string): UsageError {
  const how = 'nanoagent export last -o FILE.jsonl writes some'
  return new UsageError(`there are no exported runs in ${oneLine(path)}: ${how}`)
}

/** Rather than after a check that takes long. */
async function assertWritable(path: string): Promise<void> {
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw fileError(path, 'cannot be written', error, 'name a file in a folder that is there')
  })
}

/** Writes a file that is there whole, or as it was. */
async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`
  try {
    await writeFile(part, text)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw fileError(path, 'cannot be written', error, 'name another file')
  }
}
