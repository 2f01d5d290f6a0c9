import { access, constants, rename, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { runFiles } from '@nanoagent/orchestrator'
import { UsageError } from '../errors.ts'
import { EXIT } from '../exit-status.ts'
import { fileError } from '../keeping/file-errors.ts'
import { givenPassphrase } from '../keeping/passphrase.ts'
import type { ReplaySettings } from '../replaying/replay.ts'
import { paintFor } from '../screen/paint.ts'
import { oneLine, printableJson } from '../screen/printable.ts'
import type { FileToCheck } from './check-file.ts'
import type { CheckFlags } from './command-line.ts'
import { countsOf, type Found } from './found.ts'
import { junitXml } from './junit.ts'
import { checkProgress, runLine, summaryLine } from './report.ts'
import { checkFiles } from './workers.ts'

/** Replays the exported runs of a folder or a file and says which are not alike; gives the exit status. */
export async function checkPath(flags: CheckFlags, settings: ReplaySettings): Promise<number> {
  const { output, interruption } = settings
  const files = await filesOf(flags.check)
  if (flags.junit !== undefined) await assertWritable(flags.junit)
  const found = await find(files, flags, settings)
  if (found.runs.length === 0 && found.isComplete) throw noRuns(flags.check)
  output.hint('')
  if (flags.json === true) output.print(printableJson(found))
  else output.print(summaryLine(found, paintFor(process.stdout, flags)))
  if (!found.isComplete) return interruption.exitStatus ?? EXIT.failed
  if (flags.junit !== undefined) await writeWhole(flags.junit, junitXml(found))
  return statusOf(found)
}

async function find(
  files: readonly FileToCheck[],
  flags: CheckFlags,
  settings: ReplaySettings,
): Promise<Found> {
  const { output, interruption } = settings
  const { signal } = interruption
  const paint = paintFor(process.stdout, flags)
  const began = performance.now()
  const progress = checkProgress(files.length, output)
  let passphrase: Promise<string> | undefined
  const runs = await checkFiles({
    files,
    atOnce: flags.atOnce ?? availableParallelism(),
    attempts: flags.attempts,
    isWithoutSecrets: flags.withoutSecrets === true,
    passphrase() {
      passphrase ??= givenPassphrase(settings)
      return passphrase
    },
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
    durationMs: performance.now() - began,
    runs,
  }
}

function statusOf({ counts }: Found): number {
  if (counts.diverged > 0) return EXIT.diverged
  return counts.not_replayable + counts.unreadable > 0 ? EXIT.failed : EXIT.pass
}

async function filesOf(path: string): Promise<readonly FileToCheck[]> {
  const files = await runFiles(path).catch((error: unknown) => {
    throw fileError(path, 'cannot be read', error, 'name a folder of exported runs, or a file')
  })
  if (files.length === 0) throw noRuns(path)
  return files.map((file) => ({
    name: file.name === path ? path : join(path, file.name),
    path: file.path,
  }))
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
