import { attachAgent } from '@nanoagent/orchestrator'
import { readInstructions } from '../chat/instructions.ts'
import { configure, type Environment } from '../configuration.ts'
import { EXIT } from '../exit-status.ts'
import { type Interruption, stopWhenUnread } from '../interruption.ts'
import { openForReading } from '../journal-choice.ts'
import { createModel } from '../model.ts'
import { interruptible } from '../reading/interruptible.ts'
import { chosenRuns } from '../reading/run-choice.ts'
import type { Output } from '../screen/output.ts'
import { paintFor } from '../screen/paint.ts'
import { showAttached } from './attached-report.ts'
import type { AttachArguments } from './command-line.ts'
import { findAgent } from './find-agent.ts'

/** What attaching takes. */
export interface AttachSettings {
  readonly env: Environment
  readonly output: Output
  readonly interruption: Interruption
}

/** Runs an agent over runs that are past, and shows what it would have done; gives the exit status. */
export async function attach(typed: AttachArguments, settings: AttachSettings): Promise<number> {
  const { output, interruption } = settings
  stopWhenUnread(interruption, output)
  try {
    return await listen(typed, settings)
  } catch (error) {
    // That is no interruption to tell of.
    if (output.closed.aborted) return EXIT.brokenPipe
    throw error
  }
}

async function listen(
  { agent: name, flags, runs }: AttachArguments,
  { env, output, interruption }: AttachSettings,
): Promise<number> {
  const { signal } = interruption
  const found = await findAgent(name)
  const { instructions, model: modelName, requestsAtOnce } = flags
  const agent = {
    ...found,
    ...(instructions === undefined ? {} : { instructions: readInstructions(instructions) }),
    ...(modelName === undefined ? {} : { model: modelName }),
  }
  const model = await createModel(await configure(flags, env), [agent])
  await using journal = await openForReading({ flags, env, output })
  const reader = interruptible(journal, signal)
  const attached = attachAgent({
    agent,
    model,
    journal: { ...reader, memory: journal.memory },
    runs: chosenRuns(reader, runs, flags),
    signal,
    ...(requestsAtOnce === undefined
      ? {}
      : { deliveriesAtOnce: requestsAtOnce, modelRequestsAtOnce: requestsAtOnce }),
  })
  const paint = paintFor(process.stdout, flags)
  const { messages, failed } = await showAttached(attached, { flags, output, paint })
  if (messages === 0) {
    const types = ('listens' in agent ? agent.listens : agent.accepts).map((type) => type.name)
    output.notify(
      `These runs have no message for '${agent.role}', which takes ${types.join(', ')}.`,
    )
  }
  return failed > 0 ? EXIT.failed : EXIT.pass
}
