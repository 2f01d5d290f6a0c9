import { readFileSync } from 'node:fs'
import {
  findRun,
  InvalidMessageError,
  InvalidOptionError,
  NotForkableError,
  type RunReading,
  readRun,
} from '@nanoagent/bus'
import { type DataChange, withChanges } from '@nanoagent/orchestrator'
import type { Environment } from '../configuration.ts'
import { UsageError } from '../errors.ts'
import { type Interruption, stopWhenUnread } from '../interruption.ts'
import { openForChanging } from '../journal-choice.ts'
import { fileError } from '../keeping/file-errors.ts'
import { findMessage, pathOf } from '../reading/find-message.ts'
import { goOn, limitsIn, type WayOn } from '../resume/go-on.ts'
import { statusOf } from '../resume/resume.ts'
import type { Output } from '../screen/output.ts'
import { printableJson } from '../screen/printable.ts'
import type { ForkArguments, ForkFlags } from './command-line.ts'
import { editInEditor } from './edit-in-editor.ts'
import { dataText, parseData } from './edited-data.ts'

/** What `fork` takes. */
export interface ForkSettings {
  readonly arguments: ForkArguments
  readonly env: Environment
  readonly output: Output
  readonly interruption: Interruption
}

/** Forks a run and goes on with the fork; gives the exit status. */
export async function fork({
  arguments: { flags, run },
  env,
  output,
  interruption,
}: ForkSettings): Promise<number> {
  await using journal = await openForChanging({ flags, env, output })
  stopWhenUnread(interruption, output)
  const reading = await readRun(journal, await findRun(journal, run))
  const at = findMessage(reading.graph, flags.at)
  const data = await dataFor(reading, at, flags, env)
  const forkedFrom = { runId: reading.runId, messageId: at }
  const tell = (report: object) => output.print(printableJson({ ...report, forkedFrom }))
  const settings = { journal, flags: { ...flags, tell }, env, output, interruption }
  try {
    return statusOf(await goOn(reading.runId, settings, forking(at, data)), interruption)
  } catch (error) {
    // What an agent publishes and is invalid fails its attempt, and is not thrown here.
    if (error instanceof InvalidMessageError) throw new UsageError(`the new data: ${error.message}`)
    throw error
  }
}

/** What the message is to hold; `undefined` for what it holds. */
async function dataFor(
  { runId, graph }: RunReading,
  at: string,
  { set, edit, data: file }: ForkFlags,
  env: Environment,
): Promise<unknown> {
  const message = graph.nodes.get(at)?.message
  if (message === undefined) throw new NotForkableError(runId, `it has no message ${at}`)
  const { data } = message
  const given = file === undefined ? data : parseData(readData(file), shownFile(file))
  const changed = changedData(given, set)
  if (edit !== true) return file === undefined && set.length === 0 ? undefined : changed
  return parseData(await editInEditor(dataText(changed), env), 'what you have edited')
}

function changedData(data: unknown, changes: readonly DataChange[]): unknown {
  try {
    return withChanges(data, changes)
  } catch (error) {
    if (error instanceof InvalidOptionError) throw new UsageError(`--set: ${error.message}`)
    throw error
  }
}

function readData(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw fileError(shownFile(file), 'cannot be read', error, 'give a file with data as JSON')
  }
}

function shownFile(file: string): string {
  return file === '-' ? 'standard input' : file
}

function forking(at: string, data: unknown): WayOn {
  let isServed = true
  return {
    action: 'fork',
    begin: (orchestrator, { reading, flags, interruption }) =>
      orchestrator.fork(reading.runId, {
        at,
        ...(data === undefined ? {} : { data }),
        signal: interruption.signal,
        ...limitsIn(flags),
      }),
    isNew(record) {
      const wasServed = isServed
      if (record.kind === 'run.reopened') isServed = false
      return !wasServed
    },
    line: ({ runId }, forkId) => {
      const what = data === undefined ? '' : ', which is another there'
      return `Forking run ${runId} at ${pathOf(at)}${what}, as run ${forkId}.`
    },
  }
}
