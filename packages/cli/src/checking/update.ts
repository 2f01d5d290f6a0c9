import type { RunOpenedRecord } from '@nanoagent/bus'
import {
  type RunMaker,
  type RunsFileOnDisk,
  type UpdatedRun,
  updateRuns,
} from '@nanoagent/orchestrator'
import type { Environment } from '../configuration.ts'
import { createModel } from '../model.ts'
import { changeLines } from '../reading/diff.ts'
import type { DiffOptions } from '../reading/field-lines.ts'
import { countText } from '../reading/words.ts'
import { answeredBy, configureAgain, readCommand, teamOf } from '../recorded-command.ts'
import type { ReplaySettings } from '../replaying/replay.ts'
import { oneLine } from '../screen/printable.ts'
import type { CheckFlags } from './command-line.ts'
import type { Found } from './found.ts'

/** Records what has diverged anew, with the teams and the models that the runs name, or another model. */
export async function updateFound(
  found: Found,
  files: readonly RunsFileOnDisk[],
  {
    flags,
    passphrase,
    env,
    output,
    interruption,
  }: ReplaySettings & { readonly flags: CheckFlags; readonly passphrase: () => Promise<string> },
): Promise<readonly UpdatedRun[]> {
  const { diverged } = found.counts
  let begun = 0
  return await updateRuns({
    files,
    runs: found.runs,
    by(opening) {
      begun++
      const line = `Recording anew: ${begun} of ${countText(diverged, 'run')}`
      if (output.width !== undefined) output.hint(line.slice(0, output.width))
      return makerOf(opening, flags, env)
    },
    passphrase,
    signal: interruption.signal,
  })
}

async function makerOf(
  { runId, about }: RunOpenedRecord,
  flags: CheckFlags,
  env: Environment,
): Promise<RunMaker> {
  const command = readCommand(runId, about, 'replay')
  // Never where the file says.
  const configuration = await configureAgain(command, flags, env)
  const team = teamOf(command)
  const model = await createModel(configuration, team.agents)
  return { team, model, about: { command: answeredBy(command, configuration) } }
}

/** What was recorded anew, with what has changed; and what stays as it was, and why. */
export function updateLines(
  updated: readonly UpdatedRun[],
  options: DiffOptions,
): readonly string[] {
  const { paint } = options
  const count = updated.filter(({ diff }) => diff !== undefined).length
  const left = updated.length - count
  const stay = left === 1 ? '1 stays as it was' : `${left} stay as they were`
  return [
    ...updated.flatMap(({ file, line, runId, reason = '', diff }) => {
      const where = `${paint('bold', oneLine(`${file}:${line}`))} ${runId}`
      if (diff === undefined) {
        return [`${paint('yellow', '!')} ${where} stays as it was: ${oneLine(reason)}`]
      }
      const changes = changeLines(diff, options)
      const told =
        changes.length === 0 ? 'is recorded anew, and no message differs' : 'is recorded anew:'
      return [`${paint('green', '✓')} ${where} ${told}`, ...changes]
    }),
    `Recorded anew: ${countText(count, 'run')}${left === 0 ? '' : `; ${stay}`}.`,
  ]
}
