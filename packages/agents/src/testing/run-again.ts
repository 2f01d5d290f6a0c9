import {
  type AskOptions,
  createBus,
  type DeliveryContext,
  type InputOf,
  type JournalRecord,
  type Message,
  type ReplyData,
  type RequestType,
  type SettleRecord,
  type StepOptions,
  type StepRecord,
  TerminalError,
} from '@nanoagent/bus'
import { createVirtualRuntime } from '@nanoagent/bus/testing/virtual-runtime'
import type { Agent } from '../agent.ts'
import { createContext, type GenerationLimits } from '../context.ts'
import type { Model } from '../model.ts'
import { type Conduct, shownStep, stepsOf } from './conduct.ts'
import { PassingTime } from './passing-time.ts'
import { play } from './play.ts'
import { recordedJournal, recordsBefore } from './recorded-journal.ts'

/** How long a handler may wait for what is no step, in real milliseconds. */
const PATIENCE_MS = 1_000

/**
 * Runs the handler of a settled attempt again, the way a bus goes on with a run that another process
 * began: its recorded steps are served. A step that is not recorded is not performed but fails.
 */
export async function runAgain(
  agent: Agent,
  records: readonly JournalRecord[],
  settlement: SettleRecord & { readonly seq: number },
  generation: GenerationLimits,
): Promise<Conduct> {
  const { runId, messageId, at } = settlement
  const recorded = stepsOf(records, settlement)
  const steps = new Map<number, string>()
  const written: JournalRecord[] = []
  const settled = Promise.withResolvers<SettleRecord>()
  const journal = recordedJournal(recordsBefore(records, settlement), (record) => {
    written.push(record)
    if (record.kind === 'settle' && record.messageId === messageId) settled.resolve(record)
  })
  const time = new PassingTime(createVirtualRuntime({ startAt: at }))
  await using bus = createBus({ journal, runtime: time.runtime })
  const working = play(
    bus,
    [agent],
    (_agent, delivery) =>
      createContext(agent, noted(delivery, steps), modelOf(recorded), generation),
    { startsPerAttempt: Number.MAX_SAFE_INTEGER },
  )
  const run = await bus.resume(runId)
  run.result.catch(settled.reject)
  const again = await time.until(settled.promise, {
    working,
    progress: () => written.length + steps.size,
    patienceMs: PATIENCE_MS,
  })
  return {
    steps,
    logs: written.filter((record) => record.kind === 'log'),
    settlement: again,
    message: publishedBy(again, written),
  }
}

/** The message that a settlement published. */
export function publishedBy(
  { published }: SettleRecord,
  records: readonly JournalRecord[],
): Message | undefined {
  const [id] = published
  const found = records.find((record) => record.kind === 'message' && record.message.id === id)
  return found?.kind === 'message' ? found.message : undefined
}

/** A model of the recorded name, which is part of every model step. It is never asked. */
function modelOf(recorded: ReadonlyMap<number, StepRecord>): Model {
  const step = [...recorded.values()].find(({ stepKind }) => stepKind === 'model')
  return {
    name: step?.name ?? 'recorded',
    generate: () => Promise.reject(notRecorded(step?.name ?? 'model')),
  }
}

function notRecorded(name: string): TerminalError {
  return new TerminalError(`step '${name}' was not recorded, so it is not performed`)
}

/** The same delivery, with every step noted, and none performed. */
function noted(delivery: DeliveryContext, steps: Map<number, string>): DeliveryContext {
  const { message } = delivery
  return {
    message,
    attempt: delivery.attempt,
    get signal() {
      return delivery.signal
    },
    handoff: (to, type, data, options) => delivery.handoff(to, type, data, options),
    fanOut: (branches, join) => delivery.fanOut(branches, join),
    reply: (type, data, options) => delivery.reply(type, data, options),
    ask: notedAsk(delivery, steps),
    step<Response>(options: StepOptions<Response>) {
      const { kind: stepKind = 'effect', name, request } = options
      const result = delivery.step({
        ...options,
        perform: () => {
          throw notRecorded(name)
        },
      })
      // After the bus has seen it, so that secrets in it have their names.
      steps.set(steps.size + 1, shownStep({ stepKind, name, request }, message.runId))
      return result
    },
    log: (text, data) => delivery.log(text, data),
    now: () => delivery.now(),
    random: () => delivery.random(),
    past: () => delivery.past(),
    latest: (type) => delivery.latest(type),
    secret: (handle) => delivery.secret(handle),
    redact: (text) => delivery.redact(text),
    assertOpen: (action) => delivery.assertOpen(action),
  }
}

/** The same ask, noted as one step for each role. */
function notedAsk(delivery: DeliveryContext, steps: Map<number, string>): DeliveryContext['ask'] {
  function ask<T extends RequestType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<ReplyData<T>>
  function ask<T extends RequestType>(
    to: readonly string[],
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<readonly ReplyData<T>[]>
  function ask(
    to: string | readonly string[],
    type: RequestType,
    data: unknown,
    options?: AskOptions,
  ): Promise<unknown> {
    const { runId } = delivery.message
    for (const role of typeof to === 'string' ? [to] : to) {
      const request = { to: role, type: type.name, data }
      steps.set(steps.size + 1, shownStep({ stepKind: 'ask', name: type.name, request }, runId))
    }
    return typeof to === 'string'
      ? delivery.ask(to, type, data, options)
      : delivery.ask(to, type, data, options)
  }
  return ask
}
