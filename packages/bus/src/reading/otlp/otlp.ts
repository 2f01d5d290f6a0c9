import { z } from 'zod'
import type { Message } from '../../message.ts'
import { copyPath } from '../../paths.ts'
import type { JournalRecord, RunOpenedRecord, StepRecord } from '../../records.ts'
import { type AttemptReading, type CausalGraph, causalGraph, type GraphNode } from '../graph.ts'
import { inOneTime } from '../one-time.ts'
import { wholeSteps } from '../whole-steps.ts'
import {
  type Attributes,
  type OtlpTraces,
  otlpAttributes,
  otlpSpans,
  type SpanDraft,
} from './spans.ts'
import { stepSpan } from './step-span.ts'

/** What an export holds besides the course of a run. */
export interface OtlpOptions {
  /**
   * Whether it has what was said: instructions, prompts and answers, the arguments and results of tools,
   * the data of messages. Secrets are handles all the same. Default false.
   */
  readonly content?: boolean
  /** The `gen_ai.provider.name` of the models, which the records do not know; absent for none. */
  readonly provider?: string
}

/**
 * One run as an OpenTelemetry trace: a tree with the run as `invoke_workflow`, a `send` and a `process`
 * span for each message, an `invoke_agent` span for each attempt, and in it its model requests as `chat`,
 * its tool calls as `execute_tool`, its other steps, and what it sent. A join links to the messages that
 * it joined. Trace and span ids are hashes of causal ids, so that the same run gives the same export.
 *
 * Spans lie within those that they are part of; what a fork was served is right before it, see `inOneTime`.
 *
 * Takes the records of one run in journal order, also of an open one: what has not ended then ends with
 * the last record. Errors are in it, whatever `content` says. `undefined` for no records.
 */
export function otlpTraces(
  records: Iterable<JournalRecord>,
  options: OtlpOptions = {},
): OtlpTraces | undefined {
  const all = inOneTime([...records])
  const opened = all.find((record) => record.kind === 'run.opened')
  if (opened === undefined) return undefined
  const latest = all.reduce((time, { at }) => Math.max(time, at), opened.at)
  const spans = new RunSpans(causalGraph(all), opened, latest, options).drafts()
  return {
    resourceSpans: [
      {
        resource: { attributes: otlpAttributes({ 'service.name': 'nanoagent' }) },
        scopeSpans: [{ scope: { name: '@nanoagent/bus' }, spans: otlpSpans(opened.runId, spans) }],
      },
    ],
  }
}

const About = z.object({ team: z.string() })
const Versions = z.object({
  agents: z.array(z.object({ role: z.string(), version: z.string().optional() })),
})

/** One role handling one message, or a listener its copy. */
interface Handling {
  readonly message: Message
  readonly role: string
  /** The id of its delivery. */
  readonly id: string
  readonly attempts: readonly AttemptReading[]
}

class RunSpans {
  readonly #graph: CausalGraph
  readonly #opened: RunOpenedRecord
  readonly #latest: number
  readonly #options: OtlpOptions
  readonly #workflow: string
  readonly #versions: ReadonlyMap<string, string | undefined>
  /** Ids of messages that were published into the run. */
  readonly #fromOutside: ReadonlySet<string>
  readonly #drafts: SpanDraft[] = []
  readonly #keys = new Set<string>()

  constructor(graph: CausalGraph, opened: RunOpenedRecord, latest: number, options: OtlpOptions) {
    this.#graph = graph
    this.#opened = opened
    this.#latest = latest
    this.#options = options
    this.#workflow = About.safeParse(opened.about).data?.team ?? opened.terminal
    const agents = Versions.safeParse(opened.about).data?.agents ?? []
    this.#versions = new Map(agents.map(({ role, version }) => [role, version]))
    this.#fromOutside = new Set(
      graph.edges.filter(({ kind }) => kind === 'published-into').map(({ to }) => to),
    )
  }

  /** The root span first, each span behind its parent. */
  drafts(): readonly SpanDraft[] {
    this.#addRun()
    for (const node of this.#graph.nodes.values()) {
      const { message, attempts, copies } = node
      this.#addSend(node)
      this.#addHandling({ message, role: message.to, id: message.id, attempts })
      for (const { listener, attempts } of copies) {
        const id = copyPath(message.id, listener)
        this.#addHandling({ message, role: listener, id, attempts })
      }
    }
    return this.#drafts
  }

  #add(draft: SpanDraft): void {
    this.#keys.add(draft.key)
    this.#drafts.push(draft)
  }

  #addRun(): void {
    const { status, reason, usage, endedAt } = this.#graph
    this.#add({
      key: this.#runKey(),
      name: `invoke_workflow ${this.#workflow}`,
      kind: 'internal',
      startedAt: this.#opened.at,
      endedAt: endedAt ?? this.#latest,
      attributes: {
        'gen_ai.operation.name': 'invoke_workflow',
        'gen_ai.workflow.name': this.#workflow,
        'gen_ai.conversation.id': this.#conversation(),
        'gen_ai.usage.input_tokens': usage?.inputTokens,
        'gen_ai.usage.output_tokens': usage?.outputTokens,
        'nanoagent.run.id': this.#opened.runId,
        'nanoagent.run.status': status ?? 'open',
      },
      ...(status === undefined || status === 'completed'
        ? {}
        : { error: { type: status, ...(reason === undefined ? {} : { message: reason }) } }),
    })
  }

  #addSend(node: GraphNode): void {
    const { message, joined, asked } = node
    const { id, type, from, to, sentAt, data, content } = message
    this.#add({
      key: sendKey(id),
      parent: this.#publisherOf(node),
      name: `send ${to}`,
      kind: 'producer',
      startedAt: sentAt,
      endedAt: sentAt,
      attributes: {
        ...messaging('send', message, to),
        'messaging.message.body.size': Buffer.byteLength(JSON.stringify(data) ?? ''),
        'nanoagent.handoff.from': from,
        'nanoagent.handoff.to': to,
        'nanoagent.message.type': type,
        'nanoagent.message.kind': joined ? 'join' : asked ? 'ask' : undefined,
        ...this.#content(() => ({
          'nanoagent.message.content': content,
          'nanoagent.message.data': JSON.stringify(data),
        })),
      },
      ...(joined === undefined ? {} : { links: joined.map(sendKey) }),
    })
  }

  #addHandling(handling: Handling): void {
    const { message, role, id, attempts } = handling
    const [first] = attempts
    const last = attempts.at(-1)
    if (first === undefined || last === undefined) return
    this.#add({
      key: processKey(id),
      parent: sendKey(message.id),
      links: [sendKey(message.id)],
      name: `process ${role}`,
      kind: 'consumer',
      startedAt: Math.min(...attempts.map((attempt) => this.#startOf(attempt, message))),
      endedAt: last.endedAt ?? this.#latest,
      attributes: {
        ...messaging('process', message, role),
        'messaging.consumer.group.name': role,
        'nanoagent.handoff.from': message.from,
        'nanoagent.handoff.to': role,
        'nanoagent.message.type': message.type,
        'nanoagent.outcome': last.outcome,
      },
      ...failureOf(last),
    })
    for (const attempt of attempts) this.#addAttempt(handling, attempt)
  }

  #addAttempt({ message, role, id }: Handling, reading: AttemptReading): void {
    const key = attemptKey(id, reading.attempt)
    const startedAt = this.#startOf(reading, message)
    this.#add({
      key,
      parent: processKey(id),
      name: `invoke_agent ${role}`,
      kind: 'internal',
      startedAt,
      endedAt: reading.endedAt ?? this.#latest,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.id': `${this.#workflow}/${role}`,
        'gen_ai.agent.name': role,
        'gen_ai.agent.version': this.#versions.get(role),
        'gen_ai.conversation.id': this.#conversation(),
        'gen_ai.provider.name': this.#options.provider,
        'nanoagent.attempt': reading.attempt,
        'nanoagent.starts': reading.starts > 1 ? reading.starts : undefined,
        'nanoagent.outcome': reading.outcome,
      },
      ...failureOf(reading),
    })
    // A step stands behind those that it is inside of.
    const steps = wholeSteps(reading.steps).toSorted((a, b) => a.step.length - b.step.length)
    const leftAt = reading.endedAt ?? this.#latest
    for (const step of steps) this.#addStep(step, key, leftAt)
  }

  /** One without an end was left at this time. */
  #addStep(step: StepRecord, attempt: string, leftAt: number): void {
    const { messageId, step: numbers, startedAt, at, outcome } = step
    const outer = numbers
      .map((_, depth) => stepKey(messageId, step.attempt, numbers.slice(0, depth)))
      .findLast((key) => this.#keys.has(key))
    this.#add({
      key: stepKey(messageId, step.attempt, numbers),
      parent: outer ?? attempt,
      ...stepSpan(step, { ...this.#options, conversation: this.#conversation() }),
      startedAt,
      endedAt: outcome.type === 'intent' ? leftAt : at,
      ...(outcome.type === 'error'
        ? { error: { type: outcome.error.code, message: outcome.error.message } }
        : {}),
    })
  }

  /** The span in which a message was published: the step that asks it, or the attempt. */
  #publisherOf({ message, asked }: GraphNode): string {
    const { causationId } = message
    const cause = causationId === undefined ? undefined : this.#graph.nodes.get(causationId)
    if (causationId === undefined || cause === undefined) return this.#runKey()
    if (this.#fromOutside.has(message.id)) return this.#runKey()
    const attempt =
      asked?.attempt ?? cause.attempts.findLast(({ outcome }) => outcome === 'done')?.attempt
    const places = [
      ...(asked === undefined ? [] : [stepKey(causationId, asked.attempt, [asked.step])]),
      ...(attempt === undefined ? [] : [attemptKey(causationId, attempt)]),
      processKey(causationId),
      sendKey(causationId),
    ]
    return places.find((key) => this.#keys.has(key)) ?? this.#runKey()
  }

  #startOf({ startedAt, endedAt, steps }: AttemptReading, { sentAt }: Message): number {
    // An attempt that went on elsewhere has steps of the time before.
    const times = [startedAt, ...steps.map((step) => step.startedAt)]
    const known = times.filter((time) => time !== undefined)
    return known.length === 0 ? (endedAt ?? sentAt) : Math.min(...known)
  }

  #content(attributes: () => Attributes): Attributes {
    return this.#options.content === true ? attributes() : {}
  }

  #conversation(): string {
    return this.#opened.thread ?? this.#opened.runId
  }

  #runKey(): string {
    return `run ${this.#opened.runId}`
  }
}

function messaging(
  operation: 'send' | 'process',
  message: Message,
  destination: string,
): Attributes {
  return {
    'messaging.system': 'nanoagent',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': destination,
    'messaging.message.id': message.id,
    'messaging.message.conversation_id': message.runId,
  }
}

function failureOf({ outcome, error, reason }: AttemptReading): Pick<SpanDraft, 'error'> {
  if (outcome !== 'failed' && outcome !== 'dead') return {}
  const type = error?.code ?? reason ?? '_OTHER'
  return { error: { type, ...(error === undefined ? {} : { message: error.message }) } }
}

function sendKey(messageId: string): string {
  return `send ${messageId}`
}

function processKey(deliveryId: string): string {
  return `process ${deliveryId}`
}

function attemptKey(deliveryId: string, attempt: number): string {
  return `attempt ${deliveryId}/${attempt}`
}

function stepKey(deliveryId: string, attempt: number, numbers: readonly number[]): string {
  return `step ${deliveryId}/${attempt}.${numbers.join('.')}`
}
