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
import { pathOf, typedMessage } from '../reading/message-path.ts'
import { goOn, limitsIn, type WayOn } from '../resume/go-on.ts'
import { statusOf } from '../resume/resume.ts'
import type { Output } from '../screen/output.ts'
import { printableJson } from '../screen/printable.ts'
import type { ForkArguments, ForkFlags } from './command-line.ts'
import { editInEditor } from './edit-in-editor.ts'
import { parseData } from './edited-data.ts'

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
  const at = typedMessage(reading.graph, flags.at)
  const given = dataFor(reading, at, flags)
  const edited =
    flags.edit === true
      ? await editInEditor(given, { env, stdin: process.stdin, stdout: process.stdout })
      : undefined
  const data = edited === undefined ? given : edited.data
  const forkedFrom = { runId: reading.runId, messageId: at }
  const tell = (report: object) => output.print(printableJson({ ...report, forkedFrom }))
  const settings = { journal, flags: { ...flags, tell }, env, output, interruption }
  try {
    const way = forking(at, data, () => edited?.discard())
    return statusOf(await goOn(reading.runId, settings, way), interruption)
  } catch (error) {
    // What an agent publishes and is invalid fails its attempt, and is not thrown here.
    const isInvalid = error instanceof InvalidMessageError
    const problem = isInvalid ? new UsageError(`the new data: ${error.message}`) : error
    throw edited === undefined ? problem : edited.keptAfter(problem)
  }
}

/** What the message is to hold, before it is edited; `undefined` for what it holds. */
function dataFor(
  { runId, graph }: RunReading,
  at: string,
  { set, edit, data: file }: ForkFlags,
): unknown {
  const message = graph.nodes.get(at)?.message
  if (message === undefined) throw new NotForkableError(runId, `it has no message ${at}`)
  const { data } = message
  const given = file === undefined ? data : parseData(readData(file), shownFile(file))
  const changed = changedData(given, set)
  return edit !== true && file === undefined && set.length === 0 ? undefined : changed
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

function forking(at: string, data: unknown, onBegun: () => void): WayOn {
  let isServed = true
  return {
    action: 'fork',
    async begin(orchestrator, { reading, flags, interruption }) {
      const started = await orchestrator.fork(reading.runId, {
        at,
        ...(data === undefined ? {} : { data }),
        signal: interruption.signal,
        ...limitsIn(flags),
      })
      onBegun()
      return started
    },
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
