import type { Message } from '../message.ts'
import type {
  DeadReason,
  ErrorRecord,
  JournalRecord,
  LogRecord,
  RunStatus,
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

/** A message of a run, what led to it, what became of it. */
export interface GraphNode {
  readonly message: Message
  /** Attempts of its delivery, oldest first; empty for a message that nobody has begun to handle. */
  readonly attempts: readonly AttemptReading[]
  /** Ids of the messages that led to it directly; empty for the root. */
  readonly causes: readonly string[]
  /** Ids of the messages that its handling published; of the root also those from outside. */
  readonly effects: readonly string[]
}

/** Why one message led to another. */
export interface GraphEdge {
  /** By the settlement of `from`; or from outside into the run that the root, `from`, has opened. */
  readonly kind: 'published-by' | 'published-into'
  readonly from: string
  readonly to: string
}

/** The causal graph of one run. */
export interface CausalGraph {
  readonly runId: string
  /** Messages by id, in journal order. */
  readonly nodes: ReadonlyMap<string, GraphNode>
  readonly edges: readonly GraphEdge[]
  /** The message that opened the run; absent where its record is missing. */
  readonly root?: string
  readonly openedAt?: number
  readonly endedAt?: number
  /** Absent while the run is open. */
  readonly status?: RunStatus
  readonly reason?: string
  readonly usage?: Usage
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type MutableAttempt = Mutable<AttemptReading> & { steps: StepRecord[]; logs: LogRecord[] }
interface MutableNode {
  readonly message: Message
  readonly attempts: MutableAttempt[]
  readonly causes: string[]
  readonly effects: string[]
}

/**
 * Reads the causal graph of a run from its records. The edges are what settlements say they have
 * published, never the ids. Takes the records of one run in journal order, also of an open one.
 */
export function causalGraph(records: Iterable<JournalRecord>): CausalGraph {
  const nodes = new Map<string, MutableNode>()
  const edges: GraphEdge[] = []
  const causes = new Map<string, string[]>()
  const run: Mutable<Omit<CausalGraph, 'nodes' | 'edges'>> = { runId: '' }
  const attemptOf = (id: string, attempt: number): MutableAttempt | undefined => {
    const node = nodes.get(id)
    if (node === undefined) return undefined
    const known = node.attempts.find((reading) => reading.attempt === attempt)
    if (known !== undefined) return known
    const begun: MutableAttempt = { attempt, starts: 1, outcome: 'open', steps: [], logs: [] }
    node.attempts.push(begun)
    return begun
  }
  const addEdge = (kind: GraphEdge['kind'], from: string, to: string): void => {
    edges.push({ kind, from, to })
    causes.set(to, [from])
    nodes.get(from)?.effects.push(to)
  }
  const addMessage = (message: Message): void => {
    const { id, causationId } = message
    if (causationId === undefined) run.root = id
    else if (!causes.has(id)) addEdge('published-into', causationId, id)
    nodes.set(id, { message, attempts: [], causes: causes.get(id) ?? [], effects: [] })
  }
  for (const record of records) {
    switch (record.kind) {
      case 'run.opened':
        run.runId = record.runId
        run.openedAt = record.at
        break
      case 'message':
        addMessage(record.message)
        break
      case 'start': {
        const reading = attemptOf(record.messageId, record.attempt)
        if (reading !== undefined) reading.starts = record.start
        break
      }
      case 'step':
        attemptOf(record.messageId, record.attempt)?.steps.push(record)
        break
      case 'log':
        attemptOf(record.messageId, record.attempt)?.logs.push(record)
        break
      case 'settle': {
        const reading = attemptOf(record.messageId, record.attempt)
        if (reading === undefined) break
        reading.outcome = record.outcome
        reading.endedAt = record.at
        if (record.startedAt !== undefined) reading.startedAt = record.startedAt
        if (record.reason !== undefined) reading.reason = record.reason
        if (record.error !== undefined) reading.error = record.error
        for (const to of record.published) addEdge('published-by', record.messageId, to)
        break
      }
      case 'run.reopened':
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
  return { ...run, nodes, edges }
}

/** Ids of everything that a message led to, itself first: what would have to run again if it changed. */
export function coneOf({ nodes }: CausalGraph, id: string): readonly string[] {
  return closure(id, (at) => nodes.get(at)?.effects ?? [])
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
