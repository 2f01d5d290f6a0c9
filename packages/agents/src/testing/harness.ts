import {
  createBus,
  type DeliveryContext,
  type ErrorRecord,
  type InputOf,
  type JournalRecord,
  type LogRecord,
  listenerOfDelivery,
  type MemoryRecord,
  type Message,
  type MessageOptions,
  type MessageType,
  type RunLimits,
  type RunStatus,
  type Runtime,
  type Usage,
} from '@nanoagent/bus'
import { createVirtualRuntime, type VirtualRuntime } from '@nanoagent/bus/testing/virtual-runtime'
import type { Agent } from '../agent.ts'
import { createContext, type GenerationLimits } from '../context.ts'
import { deriveModel } from '../derive-model.ts'
import type { Listener } from '../listener.ts'
import type { Model, ModelRequest } from '../model.ts'
import { createOfflineModel } from '../offline/offline-model.ts'
import type { Worker } from '../worker.ts'
import { GIVEN_THREAD, givenMemories, journalWith, type RememberedValues } from './given-memory.ts'
import { PassingTime } from './passing-time.ts'
import { listenIn, play } from './play.ts'
import { type AskingRun, askedIn } from './scripted-model.ts'

/** How agents are run in a test. */
export interface HarnessOptions extends GenerationLimits, Partial<RunLimits> {
  /** Default: the offline model of the agents and the listeners. */
  readonly model?: Model
  /**
   * Time, chance and ids, of one run at a time. Default: a new virtual one. The time of a virtual one
   * passes by itself when everything waits for it: delays, backoffs and timeouts take no real time.
   */
  readonly runtime?: Runtime
  /**
   * How long, in real milliseconds, a handler may wait for what is not on the virtual clock, such as a file,
   * before the clock goes on to the next timeout. Default 1,000.
   */
  readonly patienceMs?: number
  /** Cancels the run. */
  readonly signal?: AbortSignal
}

/** What came of a run in a test. */
export interface TestRun {
  readonly runId: string
  readonly status: RunStatus
  /** Why, for every status but `completed`. */
  readonly reason?: string
  /** What the dead delivery failed with; absent where none is dead. */
  readonly error?: ErrorRecord
  /** All messages in journal order, the root first. */
  readonly messages: readonly Message[]
  /** Every message but the root in journal order: handoffs, branches and joins, asks and replies. */
  readonly history: readonly Message[]
  readonly records: readonly JournalRecord[]
  /** The lines that agents and listeners wrote. */
  readonly logs: readonly LogRecord[]
  /** What was remembered before, for `checkDeterminism`. */
  readonly remembered: readonly MemoryRecord[]
  /** Everything that the model was asked. */
  readonly requests: readonly ModelRequest[]
  readonly usage: Usage
  /** On the clock of the run. */
  readonly durationMs: number
  /** Who played the roles, for `checkDeterminism`. */
  readonly agents: readonly Agent[]
  /** Who listened, for `checkDeterminism`. */
  readonly listeners: readonly Listener[]
  /** The bounds of their generations, for `checkDeterminism`. */
  readonly generation: GenerationLimits
}

const PATIENCE_MS = 1_000

/** Who works in a run, and what they remember. */
type Workers = Pick<TestRun, 'agents'> & {
  readonly listeners?: readonly Listener[]
  /** By role. Default: nothing, and the run is in no thread. */
  readonly memory?: Readonly<Record<string, RememberedValues>> | undefined
}

/** Lets agents work on one message, on a bus of their own, until the run and the grace of its listeners end. */
export async function runOnBus<T extends MessageType>(
  { agents, listeners = [], memory }: Workers,
  root: { readonly to: string; readonly type: T; readonly data: InputOf<T> } & MessageOptions,
  terminal: MessageType,
  options: HarnessOptions,
): Promise<TestRun> {
  const { runtime = createVirtualRuntime(), patienceMs = PATIENCE_MS } = options
  const time = isVirtual(runtime) ? new PassingTime(runtime) : undefined
  const requests: ModelRequest[] = []
  const records: JournalRecord[] = []
  const asking: AskingRun = { runtime, failureOf: (role) => failureOf(records, role) }
  const model = listened(
    askedIn(asking, options.model ?? createOfflineModel([...agents, ...listeners])),
    requests,
  )
  const remembered = memory === undefined ? [] : givenMemories(memory)
  await using bus = createBus({
    runtime: time?.runtime ?? runtime,
    ...(memory === undefined ? {} : { journal: await journalWith(remembered) }),
  })
  const askers = new OpenAsks()
  bus.observe((record) => {
    records.push(record)
    askers.add(record)
  })
  const contextOf = (worker: Worker, delivery: DeliveryContext) =>
    createContext(worker, delivery, model, options)
  const playing = play(bus, agents, contextOf)
  const listening = listenIn(bus, listeners, contextOf)
  const { to, type, data, content, metadata } = root
  const run = bus.publish(to, type, data, {
    ...options,
    content,
    metadata,
    terminal,
    ...(memory === undefined ? {} : { thread: GIVEN_THREAD }),
  })
  const passing = <Result>(result: Promise<Result>) =>
    time?.until(result, {
      working: () => Math.max(0, playing() - askers.waiting) + listening(),
      progress: () => records.length + requests.length,
      patienceMs,
    }) ?? result
  const end = await passing(run.result)
  await passing(bus.drain())
  const dead = deadIn(records)
  return {
    runId: end.runId,
    status: end.status,
    ...(end.reason === undefined ? {} : { reason: end.reason }),
    ...(dead === undefined ? {} : { error: dead }),
    messages: end.messages,
    history: end.messages.slice(1),
    records,
    logs: records.filter((record) => record.kind === 'log'),
    remembered,
    requests,
    usage: end.usage,
    durationMs: end.durationMs,
    agents,
    listeners,
    generation: options,
  }
}

/** The asks that are open: a handler that waits for a reply is not at work. */
class OpenAsks {
  readonly #askers = new Map<string, string>()

  /** How many handlers wait for replies. */
  get waiting(): number {
    return new Set(this.#askers.values()).size
  }

  add(record: JournalRecord): void {
    if (record.kind === 'message' && record.asked !== undefined) {
      const { id, causationId = '' } = record.message
      this.#askers.set(id, causationId)
    } else if (record.kind === 'settle' && record.outcome !== 'failed') {
      this.#askers.delete(record.messageId)
    }
  }
}

/** What the latest delivery that was not cancelled failed with; `undefined` where it did not. */
function deadIn(records: readonly JournalRecord[]): ErrorRecord | undefined {
  const latest = records.findLast(
    (record) =>
      record.kind === 'settle' &&
      record.outcome !== 'cancelled' &&
      listenerOfDelivery(record.messageId) === undefined,
  )
  return latest?.kind === 'settle' && latest.outcome === 'dead' ? latest.error : undefined
}

/** What the latest settled attempt of a role failed with; `undefined` where it did not. */
function failureOf(records: readonly JournalRecord[], role: string): string | undefined {
  const latest = records.findLast((record) => record.kind === 'settle' && record.role === role)
  return latest?.kind === 'settle' && latest.outcome === 'failed'
    ? latest.error?.message
    : undefined
}

function isVirtual(runtime: Runtime): runtime is VirtualRuntime {
  return 'advance' in runtime
}

function listened(model: Model, requests: ModelRequest[]): Model {
  return deriveModel(model, (request, options) => {
    requests.push(request)
    return model.generate(request, options)
  })
}
