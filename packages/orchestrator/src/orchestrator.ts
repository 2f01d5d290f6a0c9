import {
  agentPlayer,
  type ContextOf,
  createContext,
  type GenerationLimits,
  limitRequests,
  listenerPlayer,
  type Model,
  type NamedTypes,
  type Team,
  teamSignature,
  typesOf,
} from '@nanoagent/agents'
import {
  type Bus,
  type BusOptions,
  createBus,
  type DeliveryOptions,
  type DrainReport,
  type ForkOptions,
  type InputOf,
  type Journal,
  type JournalRecord,
  type MessageType,
  NotForkableError,
  NotResumableError,
  type ResumeOptions,
  type Run,
  type RunLimits,
} from '@nanoagent/bus'
import { followRun } from './follow.ts'
import { type RunResult, resultOf } from './run-result.ts'

/** How a team is run. What is not given here, in an agent or for a run has its default in `DEFAULTS`. */
export interface OrchestratorOptions<
  Entry extends MessageType,
  Terminal extends MessageType,
  Context extends NamedTypes,
> extends BusOptions,
    GenerationLimits {
  readonly team: Team<Entry, Terminal, Context>
  /** What answers the agents' model requests. */
  readonly model: Model
  /** Model requests at once for each model name, of all runs together. Default 8. */
  readonly modelRequestsAtOnce?: number
  /** How every role's deliveries are tried, where its agent does not say otherwise. */
  readonly delivery?: Partial<DeliveryOptions>
  /** Limits of every run that does not say otherwise. */
  readonly limits?: Partial<RunLimits>
  /** What to keep with every run for those who read it, beside the team's signature: JSON. */
  readonly about?: Readonly<Record<string, unknown>>
}

/** How one run is begun. */
export interface RunOptions extends Partial<RunLimits> {
  /** Cancels the run. */
  readonly signal?: AbortSignal
  /** Default: a new one. */
  readonly runId?: string
  /** The sequence of runs that it shares memory with. Default: none. */
  readonly thread?: string
  /** What is not payload, for the root message. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** How a run is forked. Limits that are not given are those that it had. */
export type ForkRunOptions = Omit<ForkOptions, 'types' | 'about'>

/** A run that has begun. */
export interface StartedRun<Terminal extends MessageType, Context extends NamedTypes> {
  readonly id: string
  /** What happens, record by record from the first; ends with the run. Can be iterated any number of times. */
  readonly records: AsyncIterable<JournalRecord>
  /** Resolves at the end, whatever the status; rejects where the journal fails or the orchestrator closes. */
  readonly result: Promise<RunResult<Terminal, Context>>
  /** Ends the run as cancelled, unless it has ended. */
  cancel(reason: string): void
}

/** Runs a team: publishes requests and collects what the team hands to `coordinator`. */
export interface Orchestrator<
  Entry extends MessageType,
  Terminal extends MessageType,
  Context extends NamedTypes,
> extends AsyncDisposable {
  readonly bus: Bus
  /** Begins a run. Throws where the request is invalid, or no run can be begun. */
  start(request: InputOf<Entry>, options?: RunOptions): StartedRun<Terminal, Context>
  /** Runs a request to its end. */
  run(request: InputOf<Entry>, options?: RunOptions): Promise<RunResult<Terminal, Context>>
  /**
   * Goes on with a run of the journal, see `Bus.resume`. Rejects with a `NotResumableError`, also where
   * another team made it.
   */
  resume(runId: string, options?: ResumeOptions): Promise<StartedRun<Terminal, Context>>
  /**
   * Makes a new run from one of the journal and goes on with it, see `Bus.fork`: what the message `at` has
   * not led to is served from the record, the rest happens anew, with this team and its model. Rejects with
   * a `NotForkableError`, also where another team made it, and with an `InvalidMessageError` where the new
   * data does not fit the message's type.
   */
  fork(runId: string, options: ForkRunOptions): Promise<StartedRun<Terminal, Context>>
  /** Begins nothing new and waits for what runs. */
  drain(options?: { readonly timeoutMs?: number }): Promise<DrainReport>
  /** Stops at once; runs stay open in the journal. Idempotent. */
  close(): Promise<void>
}

/** Creates an orchestrator: a bus on which every agent of the team plays its role. */
export function createOrchestrator<
  Entry extends MessageType,
  Terminal extends MessageType,
  Context extends NamedTypes,
>(options: OrchestratorOptions<Entry, Terminal, Context>): Orchestrator<Entry, Terminal, Context> {
  const { team, limits } = options
  const bus = createBus(options)
  const model = limitRequests(options.model, options.modelRequestsAtOnce)
  const contextOf: ContextOf = (worker, delivery) => createContext(worker, delivery, model, options)
  for (const agent of team.agents) {
    bus.subscribe(agent.role, { ...options.delivery, ...agentPlayer(agent, contextOf) })
  }
  for (const listener of team.listeners) {
    bus.listen(listener.role, { ...options.delivery, ...listenerPlayer(listener, contextOf) })
  }
  const { toolRounds, corrections } = options
  const about = {
    ...options.about,
    ...teamSignature(team),
    model: options.model.name,
    ...(toolRounds === undefined ? {} : { toolRounds }),
    ...(corrections === undefined ? {} : { corrections }),
  }

  const start = (
    request: InputOf<Entry>,
    runOptions: RunOptions = {},
  ): StartedRun<Terminal, Context> => {
    return started(
      bus.publish(team.entry.to, team.entry.type, request, {
        ...limits,
        ...runOptions,
        terminal: team.terminal,
        about,
      }),
    )
  }
  const started = (run: Run): StartedRun<Terminal, Context> => {
    const result = run.result.then((end) => resultOf(team, end))
    // Whoever only watches the records must not be told twice.
    result.catch(() => {})
    return {
      id: run.id,
      records: followRun(bus.journal, run),
      result,
      cancel: (reason) => run.cancel(reason),
    }
  }
  return {
    bus,
    start,
    run: async (request, runOptions) => start(request, runOptions).result,
    async resume(runId, resumeOptions) {
      const recorded = await teamOf(bus.journal, runId)
      if (recorded !== undefined && recorded !== team.name) {
        throw new NotResumableError(runId, `team '${recorded}' made it, this is '${team.name}'`)
      }
      return started(await bus.resume(runId, resumeOptions))
    },
    async fork(runId, forkOptions) {
      const recorded = await teamOf(bus.journal, runId)
      if (recorded !== undefined && recorded !== team.name) {
        throw new NotForkableError(runId, `team '${recorded}' made it, this is '${team.name}'`)
      }
      return started(await bus.fork(runId, { ...forkOptions, about, types: typesOf(team) }))
    },
    drain: (drainOptions) => bus.drain(drainOptions),
    close: () => bus.close(),
    [Symbol.asyncDispose]: () => bus.close(),
  }
}

/** The team whose run it is; `undefined` where the journal does not know it, or it names none. */
async function teamOf(journal: Journal, runId: string): Promise<string | undefined> {
  for await (const entry of journal.runs({ idPrefix: runId })) {
    if (entry.runId === runId) return entry.team
  }
  return undefined
}
