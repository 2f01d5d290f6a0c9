import { ASK_TIMEOUT } from '../ask.ts'
import { memoriesRead } from '../memory-steps.ts'
import type { Message } from '../message.ts'
import { listenerOfDelivery, messageOfDelivery, messageOfMemory } from '../paths.ts'
import type {
  DeadReason,
  ErrorRecord,
  FanOutRecord,
  InAttempt,
  JournalRecord,
  LogRecord,
  MessageRecord,
  RunStatus,
  SettleRecord,
  StepRecord,
  Usage,
} from '../records.ts'

/** One try of a delivery. */
export interface AttemptReading {
  readonly attempt: number
  /** Starts that the records tell of; more than one where a process died. */
  readonly starts: number
  /** When its handler began; absent where none did, or nobody recorded it yet. */
  readonly startedAt?: number
  /** When it was settled; absent while it is under way. */
  readonly endedAt?: number
  readonly outcome: 'done' | 'failed' | 'dead' | 'cancelled' | 'open'
  readonly reason?: DeadReason
  readonly error?: ErrorRecord
  /** In recorded order. */
  readonly steps: readonly StepRecord[]
  readonly logs: readonly LogRecord[]
}

/** What a listener did with its copy of a message. */
export interface CopyReading {
  readonly listener: string
  /** Oldest first; empty where it has not begun, or nothing of it was recorded before the run's end. */
  readonly attempts: readonly AttemptReading[]
}

/** A message of a run, what led to it, what became of it. */
export interface GraphNode {
  readonly message: Message
  /** Attempts of its delivery, oldest first; empty for a message that nobody handles, or has begun to. */
  readonly attempts: readonly AttemptReading[]
  /** Ids of the messages that led to it directly, replies to its handler included. */
  readonly causes: readonly string[]
  /**
   * Ids of the messages that it led to directly: what its handling published and asked, the join that it
   * is an input of, whoever it is a reply to; of the root also messages from outside.
   */
  readonly effects: readonly string[]
  /** Present on an ask: which attempt of its cause asks it, as which step. */
  readonly asked?: { readonly attempt: number; readonly step: number }
  /** Present where its handling fanned out: how the branches, its effects, come together. */
  readonly fanOut?: FanOutRecord
  /** Present on a join: the ids of the last messages of its branches, in the fan-out's order. */
  readonly joined?: readonly string[]
  /** In the order in which the listeners were told. */
  readonly copies: readonly CopyReading[]
}

/** Why one message led to another. */
export interface GraphEdge {
  /**
   * - `published-by`: by the handling of `from`; a join by that of its fan-out point
   * - `published-into`: from outside, into the run that the root, `from`, has opened
   * - `joined-into`: as the last message of a branch
   * - `replied-to`: as the reply to what the handler of `to` asked
   */
  readonly kind: 'published-by' | 'published-into' | 'joined-into' | 'replied-to'
  readonly from: string
  readonly to: string
}

/** Where a run first went wrong: an attempt that failed, or a dead letter. */
export interface FirstFailure {
  readonly messageId: string
  readonly attempt: number
}

/** The causal graph of one run. */
export interface CausalGraph {
  readonly runId: string
  /** Messages by id, in journal order. */
  readonly nodes: ReadonlyMap<string, GraphNode>
  readonly edges: readonly GraphEdge[]
  /** The name of the team that it is of; absent where the record that opened it names none. */
  readonly team?: string
  /** The message that opened the run; absent where its record is missing. */
  readonly root?: string
  readonly openedAt?: number
  /** Of a fork: when it was made and began to go its own way; absent where nothing was left to do. */
  readonly forkedAt?: number
  readonly endedAt?: number
  /** Absent while the run is open. */
  readonly status?: RunStatus
  readonly reason?: string
  readonly usage?: Usage
  /** The first in journal order; absent where nothing failed. What listeners do does not count. */
  readonly firstFailure?: FirstFailure
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type MutableAttempt = Mutable<AttemptReading> & { steps: StepRecord[]; logs: LogRecord[] }
type MutableNode = Mutable<Omit<GraphNode, 'attempts' | 'causes' | 'effects' | 'copies'>> & {
  readonly attempts: MutableAttempt[]
  readonly causes: string[]
  readonly effects: string[]
  readonly copies: { readonly listener: string; readonly attempts: MutableAttempt[] }[]
}

/**
 * Reads the causal graph of a run from its records. The edges are what the records say has led to what,
 * never the ids. Takes the records of one run in journal order, also of an open one.
 */
export function causalGraph(records: Iterable<JournalRecord>): CausalGraph {
  const reading = new GraphReading()
  for (const record of records) reading.add(record)
  const { run, nodes, edges } = reading
  return { ...run, nodes, edges }
}

class GraphReading {
  readonly nodes = new Map<string, MutableNode>()
  readonly edges: GraphEdge[] = []
  readonly run: Mutable<Omit<CausalGraph, 'nodes' | 'edges'>> = { runId: '' }
  #isFork = false
  /** Of messages that settlements have published, but whose records come next. */
  readonly #causes = new Map<string, string[]>()

  add(record: JournalRecord): void {
    const { run } = this
    switch (record.kind) {
      case 'run.opened':
        run.runId = record.runId
        run.openedAt = record.at
        this.#isFork = record.forkedFrom !== undefined
        if (typeof record.about.team === 'string') run.team = record.about.team
        break
      case 'message':
        this.#addMessage(record)
        break
      case 'start': {
        const reading = this.#attemptOf(record)
        if (reading !== undefined) reading.starts = record.start
        break
      }
      case 'step':
        this.#attemptOf(record)?.steps.push(record)
        break
      case 'log':
        this.#attemptOf(record)?.logs.push(record)
        break
      case 'settle':
        this.#addSettlement(record)
        break
      case 'run.reopened':
        // What has ended, or has something to revive, was opened again: a fork goes on.
        if (this.#isFork && run.status === undefined && record.revived.length === 0) {
          run.forkedAt = record.at
        }
        delete run.status
        delete run.reason
        delete run.usage
        delete run.endedAt
        break
      case 'run.ended':
        run.status = record.status
        run.usage = record.usage
        run.endedAt = record.at
        if (record.reason !== undefined) run.reason = record.reason
        break
    }
  }

  #addMessage({ message, asked, joined, copies = [] }: MessageRecord): void {
    const { id, causationId } = message
    if (causationId === undefined) this.run.root = id
    else if (asked !== undefined || joined !== undefined) {
      this.#addEdge('published-by', causationId, id)
    } else if (!this.#causes.has(id)) this.#addEdge('published-into', causationId, id)
    for (const input of joined ?? []) this.#addEdge('joined-into', input, id)
    this.nodes.set(id, {
      message,
      attempts: [],
      causes: this.#causes.get(id) ?? [],
      effects: [],
      copies: copies.map((listener) => ({ listener, attempts: [] })),
      ...(asked === undefined ? {} : { asked }),
      ...(joined === undefined ? {} : { joined }),
    })
    const ask = causationId === undefined ? undefined : this.nodes.get(causationId)
    const asker = ask?.asked === undefined ? undefined : ask.message.causationId
    if (asker !== undefined && asked === undefined) this.#addEdge('replied-to', id, asker)
  }

  #addSettlement(record: SettleRecord): void {
    const { messageId, attempt, outcome, published, fanOut } = record
    const reading = this.#attemptOf(record)
    if (reading === undefined) return
    reading.outcome = outcome
    reading.endedAt = record.at
    if (record.startedAt !== undefined) reading.startedAt = record.startedAt
    if (record.reason !== undefined) reading.reason = record.reason
    if (record.error !== undefined) reading.error = record.error
    if (listenerOfDelivery(messageId) !== undefined) return
    const node = this.nodes.get(messageId)
    if (node !== undefined && fanOut !== undefined) node.fanOut = fanOut
    for (const to of published) this.#addEdge('published-by', messageId, to)
    if (outcome === 'failed' || outcome === 'dead') this.run.firstFailure ??= { messageId, attempt }
  }

  #attemptOf({ messageId, attempt }: InAttempt): MutableAttempt | undefined {
    const node = this.nodes.get(messageOfDelivery(messageId))
    const listener = listenerOfDelivery(messageId)
    const attempts =
      listener === undefined
        ? node?.attempts
        : node?.copies.find((copy) => copy.listener === listener)?.attempts
    if (attempts === undefined) return undefined
    const known = attempts.find((reading) => reading.attempt === attempt)
    if (known !== undefined) return known
    const begun: MutableAttempt = { attempt, starts: 1, outcome: 'open', steps: [], logs: [] }
    attempts.push(begun)
    return begun
  }

  #addEdge(kind: GraphEdge['kind'], from: string, to: string): void {
    this.edges.push({ kind, from, to })
    this.nodes.get(from)?.effects.push(to)
    const causes = this.nodes.get(to)?.causes ?? this.#causes.get(to)
    if (causes === undefined) this.#causes.set(to, [from])
    else causes.push(from)
  }
}

/**
 * Ids of everything that a message led to, itself first: what would have to run again if it changed. Whoever
 * asked was led on by what became of the ask, also where that was no reply; so was whoever read what its
 * handling remembered.
 */
export function coneOf({ nodes }: CausalGraph, id: string): readonly string[] {
  const readers = readersIn(nodes.values())
  return closure(id, (at) => {
    const node = nodes.get(at)
    if (node === undefined) return []
    const { effects, message } = node
    const { causationId } = message
    const askers = causationId !== undefined && isAnswered(node) ? [causationId] : []
    return [...effects, ...askers, ...(readers.get(at) ?? [])]
  })
}

/** By the message whose handling has remembered something: those whose handling has read it. */
function readersIn(nodes: Iterable<GraphNode>): ReadonlyMap<string, readonly string[]> {
  const readers = new Map<string, string[]>()
  for (const { message, attempts, copies } of nodes) {
    for (const { steps } of [...attempts, ...copies.flatMap((copy) => copy.attempts)]) {
      for (const memory of steps.flatMap(memoriesRead)) {
        const writer = messageOfMemory(memory)
        const known = readers.get(writer)
        if (known === undefined) readers.set(writer, [message.id])
        else known.push(message.id)
      }
    }
  }
  return readers
}

/** Whether it is an ask of which the asker has learnt what became of it. */
function isAnswered({ asked, attempts }: GraphNode): boolean {
  const last = attempts.at(-1)
  if (asked === undefined || last === undefined) return false
  const { outcome, error } = last
  return outcome === 'cancelled'
    ? error?.code === ASK_TIMEOUT
    : outcome === 'done' || outcome === 'dead'
}

/** Ids of everything that led to a message, itself first. */
export function causesOf({ nodes }: CausalGraph, id: string): readonly string[] {
  return closure(id, (at) => nodes.get(at)?.causes ?? [])
}

function closure(id: string, next: (id: string) => readonly string[]): readonly string[] {
  const found = new Set([id])
  for (const at of found) for (const further of next(at)) found.add(further)
  return [...found]
}
