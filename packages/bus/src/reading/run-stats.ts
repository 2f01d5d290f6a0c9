import type { JournalReader } from '../journal.ts'
import { COORDINATOR } from '../message.ts'
import { listenerOfDelivery, messageOfDelivery } from '../paths.ts'
import type {
  JournalRecord,
  MessageRecord,
  RunStatus,
  SettleRecord,
  StepRecord,
  Usage,
} from '../records.ts'
import { UsageCount } from '../usage-count.ts'
import { type ReadingQuery, runsIn } from './list-runs.ts'

/** What one role did in all runs that were read. */
export interface RoleStats {
  readonly role: string
  /** Deliveries that it has handled to their end. */
  readonly handled: number
  /** Messages that it handed off, branches of fan-outs included; joins, asks and replies are none. */
  readonly handoffs: number
  readonly asks: number
  /** Attempts that failed and were followed by another one. */
  readonly retries: number
  /** Deliveries that were given up. */
  readonly dead: number
  /** How long its attempts took that were done, failed or gave up; absent where none has begun. */
  readonly attemptMs?: { readonly p50: number; readonly p95: number; readonly count: number }
  readonly usage: Usage
}

/** How often one role handed off to another. */
export interface HandoffCount {
  readonly from: string
  readonly to: string
  readonly handoffs: number
}

/** What happened in the runs that were read. */
export interface RunStats {
  readonly runs: number
  /** How many of them have which status. */
  readonly status: Readonly<Partial<Record<RunStatus | 'open', number>>>
  /** In the order in which they first got a message in the newest run, then in older ones. */
  readonly roles: readonly RoleStats[]
  /** The pairs that there are; what opens a run is from `coordinator`, and what ends it is for it. */
  readonly handoffs: readonly HandoffCount[]
  /** What all of them used together. */
  readonly usage: Usage
}

/**
 * Adds up what the roles did in the runs that a query asks for. Reads one run after the other; of the
 * attempts it keeps how long each took, and gives exact percentiles (by nearest rank).
 */
export async function runStats(
  journal: JournalReader,
  query: ReadingQuery = {},
): Promise<RunStats> {
  const count = new StatsCount()
  for await (const { runId, status } of runsIn(journal, query)) {
    count.begin(status)
    for await (const record of journal.read({ runId })) count.add(record)
  }
  return count.total()
}

interface RoleCount {
  handled: number
  handoffs: number
  asks: number
  retries: number
  dead: number
  readonly tookMs: number[]
  readonly usage: UsageCount
}

class StatsCount {
  #runs = 0
  readonly #status = new Map<RunStatus | 'open', number>()
  readonly #roles = new Map<string, RoleCount>()
  /** Who gets messages from whom, how often. */
  readonly #handoffs = new Map<string, Map<string, number>>()
  readonly #usage = new UsageCount()
  /** Of the run that is read: the roles that its messages are for, and what was asked. */
  #recipients = new Map<string, string>()
  #asked = new Set<string>()

  begin(status: RunStatus | 'open'): void {
    this.#runs++
    this.#status.set(status, (this.#status.get(status) ?? 0) + 1)
    this.#recipients = new Map()
    this.#asked = new Set()
  }

  add(record: JournalRecord): void {
    if (record.kind === 'message') this.#addMessage(record)
    else if (record.kind === 'step') this.#addStep(record)
    else if (record.kind === 'settle') this.#addSettlement(record)
  }

  total(): RunStats {
    return {
      runs: this.#runs,
      status: Object.fromEntries(this.#status),
      roles: [...this.#roles].map(([role, count]) => roleStats(role, count)),
      handoffs: [...this.#handoffs].flatMap(([from, counts]) =>
        [...counts].map(([to, handoffs]) => ({ from, to, handoffs })),
      ),
      usage: this.#usage.total(),
    }
  }

  #addMessage({ message, asked, joined }: MessageRecord): void {
    const { id, from, to, causationId = '' } = message
    this.#recipients.set(id, to)
    const isReply = this.#asked.has(causationId) && asked === undefined
    if (asked !== undefined) {
      this.#asked.add(id)
      this.#role(from).asks++
    } else if (joined === undefined && !isReply) {
      if (from !== COORDINATOR) this.#role(from).handoffs++
      const counts = this.#handoffs.get(from) ?? new Map<string, number>()
      this.#handoffs.set(from, counts.set(to, (counts.get(to) ?? 0) + 1))
    }
    if (to !== COORDINATOR) this.#role(to)
  }

  #addStep(record: StepRecord): void {
    const { messageId } = record
    this.#usage.add(record)
    const role = listenerOfDelivery(messageId) ?? this.#recipients.get(messageOfDelivery(messageId))
    if (role !== undefined) this.#role(role).usage.add(record)
  }

  #addSettlement({ role, outcome, startedAt, at }: SettleRecord): void {
    const count = this.#role(role)
    if (outcome === 'done') count.handled++
    else if (outcome === 'failed') count.retries++
    else if (outcome === 'dead') count.dead++
    if (startedAt !== undefined && outcome !== 'cancelled') count.tookMs.push(at - startedAt)
  }

  #role(name: string): RoleCount {
    const known = this.#roles.get(name)
    if (known !== undefined) return known
    const count: RoleCount = {
      handled: 0,
      handoffs: 0,
      asks: 0,
      retries: 0,
      dead: 0,
      tookMs: [],
      usage: new UsageCount(),
    }
    this.#roles.set(name, count)
    return count
  }
}

function roleStats(role: string, { tookMs, usage, ...counts }: RoleCount): RoleStats {
  const sorted = Float64Array.from(tookMs).sort()
  return {
    role,
    ...counts,
    ...(sorted.length === 0
      ? {}
      : {
          attemptMs: {
            p50: percentile(sorted, 0.5),
            p95: percentile(sorted, 0.95),
            count: sorted.length,
          },
        }),
    usage: usage.total(),
  }
}

/** By nearest rank: the least of the values that so large a part of them does not exceed. */
function percentile(sorted: ArrayLike<number>, part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN
}
