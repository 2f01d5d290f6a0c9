import {
  type AskOptions,
  askPath,
  createBus,
  type DeliveryContext,
  type InputOf,
  InvalidOptionError,
  type JournalRecord,
  listenerOfDelivery,
  type Message,
  messageOfDelivery,
  NoWayError,
  type ReplyData,
  type RequestType,
  type SettleRecord,
  type StepOptions,
  TerminalError,
} from '@nanoagent/bus'
import { createVirtualRuntime } from '@nanoagent/bus/testing/virtual-runtime'
import { createContext } from '../context.ts'
import type { Model } from '../model.ts'
import { askCall, type Call, type Conduct, callsOf, publishedBy, shownStep } from './conduct.ts'
import type { RecordedRun } from './determinism.ts'
import { PassingTime } from './passing-time.ts'
import { recordedJournal, recordsBefore } from './recorded-journal.ts'
import { FOREVER_MS, rolesOf, standIn } from './stand-in.ts'

/** How long a handler may wait for what is no step, in real milliseconds. */
const PATIENCE_MS = 1_000

/** Whoever was at work then is again, however long that takes, and whoever waits behind. */
const ALL_AT_ONCE = {
  startsPerAttempt: Number.MAX_SAFE_INTEGER,
  roleConcurrency: Number.MAX_SAFE_INTEGER,
  perRunConcurrency: Number.MAX_SAFE_INTEGER,
}

/**
 * Runs the handler of a settled attempt again, the way a bus goes on with a run that another process
 * began: its recorded steps are served. A step that is not recorded is not performed but fails. Others
 * who were at work then are stood in for, and do not end before it.
 */
export async function runAgain(
  { agents, listeners = [], records, generation, remembered = [] }: RecordedRun,
  settlement: SettleRecord & { readonly seq: number },
): Promise<Conduct> {
  const { runId, messageId, role, at } = settlement
  const recorded = callsOf(records, settlement)
  const before = recordsBefore(records, settlement)
  const steps = new Map<number, string>()
  const written: JournalRecord[] = []
  const settled = Promise.withResolvers<SettleRecord>()
  const onRecord = (record: JournalRecord) => {
    written.push(record)
    if (record.kind === 'settle' && record.messageId === messageId) settled.resolve(record)
  }
  const journal = recordedJournal(before, { remembered, onRecord })
  const time = new PassingTime(createVirtualRuntime({ startAt: at }))
  await using bus = createBus({ journal, runtime: time.runtime })

  const isCopy = listenerOfDelivery(messageId) !== undefined
  const agent = isCopy ? undefined : agents.find((one) => one.role === role)
  const listener = isCopy ? listeners.find((one) => one.role === role) : undefined
  const standsIn = standIn(before)
  let working = 0
  const handle = (message: Message, delivery: DeliveryContext): unknown => {
    if (message.id !== messageOfDelivery(messageId)) return standsIn(message, delivery)
    working++
    delivery.signal.addEventListener('abort', () => working--, { once: true })
    const worker = agent ?? listener
    if (worker === undefined) throw new TerminalError(`nobody plays '${role}'`)
    const noting = noted(delivery, steps)
    return worker.handle(message, createContext(worker, noting, modelOf(recorded), generation))
  }
  for (const { role: other, accepts } of rolesOf(agents, before)) {
    const isAgent = agent?.role === other
    bus.subscribe(other, {
      ...(isAgent ? agent : { deliveryTimeoutMs: FOREVER_MS }),
      ...ALL_AT_ONCE,
      accepts,
      handle: isAgent ? handle : standsIn,
    })
  }
  if (listener !== undefined) {
    bus.listen(role, { ...listener, ...ALL_AT_ONCE, accepts: listener.listens, handle })
  }
  const run = await bus.resume(runId)
  run.result.catch(settled.reject)
  const again = await time.until(settled.promise, {
    working: () => working,
    progress: () => written.length + steps.size,
    patienceMs: PATIENCE_MS,
  })
  return {
    steps,
    logs: written.filter((record) => record.kind === 'log'),
    memories: written.filter((record) => record.kind === 'memory'),
    settlement: again,
    messages: publishedBy(again, written),
  }
}

/** A model of the recorded name, which is part of every model step. It is never asked. */
function modelOf(recorded: ReadonlyMap<number, Call>): Model {
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
  let issued = 0
  const note = (call: Call) => steps.set(++issued, shownStep(call, message.runId))
  const { memory } = delivery
  const written = new Set<string>()
  return {
    memory: {
      get(key) {
        // What it has written itself it knows without a step.
        if (!written.has(key)) note({ stepKind: 'memory', name: 'get', request: { key } })
        return memory.get(key)
      },
      set(key, value) {
        memory.set(key, value)
        written.add(key)
      },
      search(text, options = {}) {
        const { limit = 100 } = options
        note({ stepKind: 'memory', name: 'search', request: { text, limit } })
        return memory.search(text, options)
      },
      fingerprint(secret) {
        const named = memory.fingerprint(secret)
        note({ stepKind: 'memory', name: 'fingerprint', request: { secret } })
        return named
      },
    },
    message,
    attempt: delivery.attempt,
    get signal() {
      return delivery.signal
    },
    handoff: (to, type, data, options) => delivery.handoff(to, type, data, options),
    fanOut: (branches, join) => delivery.fanOut(branches, join),
    reply: (type, data, options) => delivery.reply(type, data, options),
    ask: notedAsk(delivery, steps, () => ++issued),
    step<Response>(options: StepOptions<Response>) {
      const { kind: stepKind = 'effect', name, request } = options
      const result = delivery.step({
        ...options,
        perform: () => {
          throw notRecorded(name)
        },
      })
      // After the bus has seen it, so that secrets in it have their names.
      note({ stepKind, name, request })
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
function notedAsk(
  delivery: DeliveryContext,
  steps: Map<number, string>,
  issue: () => number,
): DeliveryContext['ask'] {
  const { message, attempt } = delivery
  const one = <T extends RequestType>(
    to: string,
    type: T,
    input: InputOf<T>,
    options?: AskOptions,
  ): Promise<ReplyData<T>> => {
    const number = issue()
    const reply = delivery.ask(to, type, input, options)
    try {
      const path = askPath(message.id, attempt, number)
      let secrets = 0
      // As the message has it: with the defaults of its type, and its secrets by their names.
      const data = type.parse(input, (secret) => secret.name(`secret:${path}#${++secrets}`))
      steps.set(number, shownStep(askCall({ to, type: type.name, data }), message.runId))
    } catch {
      // The bus refuses it as well.
    }
    reply.catch((error: unknown) => {
      // What the bus refuses to ask is no step.
      if (error instanceof NoWayError || error instanceof InvalidOptionError) steps.delete(number)
    })
    return reply
  }
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
    if (typeof to === 'string') return one(to, type, data, options)
    const replies = Promise.all(to.map((role) => one(role, type, data, options)))
    // Whoever asks without waiting must not end the process.
    replies.catch(() => {})
    return replies
  }
  return ask
}
