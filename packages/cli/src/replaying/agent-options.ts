import type { Command } from 'commander'
import { baseUrlOption, limit, mockOption } from '../commands.ts'
import type { ModelFlags } from '../configuration.ts'
import { UsageError } from '../errors.ts'
import {
  assertNarrowable,
  choosingRuns,
  type RunChoice,
  type RunChoiceFlags,
} from '../reading/run-choice.ts'

/** The options of `replay --agent ROLE`, parsed. */
export interface AgentFlags extends ModelFlags, RunChoiceFlags {
  readonly agent?: string
  /** Whether its model is asked anew. */
  readonly live?: true
  /** A file with what the agent is told. */
  readonly instructions?: string
  readonly requestsAtOnce?: number
}

/** One agent that is to be replayed. */
export interface AgentReplaying {
  readonly name: 'agent'
  readonly flags: AgentFlags
  readonly role: string
  readonly runs: RunChoice
}

/** With the options that replay one agent. */
export function withAgentOptions(command: Command): Command {
  return choosingRuns(
    command
      .option('--agent <role>', 'give what this role has handled to its agent of today')
      .option('--live', 'ask its model anew, as the next four do too')
      .option('--instructions <file>', 'what the agent is told, in place of its own')
      .option('--model <name>', "the model's name (default: as recorded)")
      .addOption(mockOption())
      .addOption(baseUrlOption())
      .addOption(
        limit('--requests-at-once <n>', 'most requests at once, per model (default: 8)', 10_000),
      ),
  )
}

/** What is given that only one agent takes, by the option's name. */
const OF_AGENT = {
  live: '--live',
  instructions: '--instructions',
  model: '--model',
  mock: '--mock',
  baseUrl: '--base-url',
  requestsAtOnce: '--requests-at-once',
  runs: '--runs',
  status: '--status',
  team: '--team',
  thread: '--thread',
  text: '--text',
  since: '--since',
  until: '--until',
} as const satisfies Partial<Record<keyof AgentFlags, string>>

/** What is given that only a whole run takes. */
const OF_RUN = ['speed', 'step', 'attempts']

/** Which agent is to be replayed, over which runs; `undefined` where none was named. */
export function agentReplaying(command: Command): AgentReplaying | undefined {
  const flags = command.opts<AgentFlags>()
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli'
  if (flags.agent === undefined) {
    const [, option] = Object.entries(OF_AGENT).find(([name]) => isGiven(name)) ?? []
    if (option === undefined) return undefined
    throw new UsageError(`${option} is for one agent: give --agent ROLE with it, or leave it out`)
  }
  const whole = OF_RUN.find(isGiven)
  if (whole !== undefined) {
    throw new UsageError(`--${whole} is for a whole run: leave out --${whole} or --agent`)
  }
  const { args } = command
  const [run, ...others] = args
  if (run === undefined && flags.runs === undefined) {
    throw new UsageError('replay --agent needs a run, or --runs last:100 for several')
  }
  if (others.length > 0 || (run !== undefined && flags.runs !== undefined)) {
    throw new UsageError('replay --agent takes one run, or --runs in place of it')
  }
  const runs: RunChoice = flags.runs ?? { kind: 'one', ref: run ?? '' }
  assertNarrowable(runs, flags)
  return { name: 'agent', flags, role: flags.agent, runs }
}
