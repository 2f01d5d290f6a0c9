import type {
  Journal,
  JournalMemory,
  Lease,
  ReadQuery,
  RunEntry,
  RunsQuery,
} from '../../journal.ts'
import { quiet } from '../../quiet.ts'
import type { JournalRecord, RecordDraft } from '../../records.ts'
import type { Ledger } from './ledger.ts'
import type { ProcessState } from './process-state.ts'

interface Request {
  readonly name: string
  store(): void
  acknowledge(): void
}

/**
 * One process's way to the shared journal. Requests take effect, and are acknowledged, when the world
 * says so, in the order in which they were made. Those of a dead process do neither.
 */
export class ProcessJournal implements Journal {
  readonly #shared: Journal
  readonly #by: ProcessState
  readonly #ledger: Ledger
  readonly #requests: Request[] = []
  #stored = 0

  constructor(shared: Journal, by: ProcessState, ledger: Ledger) {
    this.#shared = shared
    this.#by = by
    this.#ledger = ledger
  }

  get features(): Journal['features'] {
    return this.#shared.features
  }

  /** Requests that are not acknowledged. */
  get pending(): number {
    return this.#requests.length
  }

  /** Requests that have not taken effect. */
  get unstored(): number {
    return this.#requests.length - this.#stored
  }

  /** Everything takes effect and is acknowledged. Says what. */
  commit(): string {
    const requests = this.#requests.splice(0)
    this.#stored = 0
    for (const request of requests) request.store()
    for (const request of requests) request.acknowledge()
    return requests.map(({ name }) => name).join(', ')
  }

  /** The next request takes effect, and nobody is told. */
  storeNext(): string {
    const request = this.#requests[this.#stored++]
    request?.store()
    return request?.name ?? 'nothing'
  }

  append(batch: readonly RecordDraft[], lease: Lease): Promise<readonly JournalRecord[]> {
    return this.#request(
      () => batch.map(nameOf).join(' + '),
      async () => {
        try {
          const records = await this.#shared.append(batch, lease)
          this.#ledger.stored(this.#by, lease, records)
          return records
        } catch (error) {
          this.#ledger.refused(this.#by, lease, batch, error)
          throw error
        }
      },
    )
  }

  read(query?: ReadQuery): AsyncIterable<JournalRecord> {
    return this.#shared.read(query)
  }

  follow(query: ReadQuery & { readonly signal: AbortSignal }): AsyncIterable<JournalRecord> {
    return this.#shared.follow(query)
  }

  lastSeq(): Promise<number> {
    return this.#shared.lastSeq()
  }

  runs(query?: RunsQuery): AsyncIterable<RunEntry> {
    return this.#shared.runs(query)
  }

  get memory(): JournalMemory {
    return this.#shared.memory
  }

  acquire(runId: string, owner: string): Promise<Lease | undefined> {
    return this.#request(
      () => `acquire ${runId}`,
      async () => {
        const lease = await this.#shared.acquire(runId, owner)
        if (lease !== undefined) this.#ledger.acquired(this.#by, lease)
        return lease
      },
    )
  }

  renew(lease: Lease): Promise<boolean> {
    return this.#shared.renew(lease)
  }

  release(lease: Lease): Promise<void> {
    return this.#request(
      () => `release ${lease.runId}`,
      async () => {
        await this.#shared.release(lease)
        this.#ledger.released(this.#by, lease)
      },
    )
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  #request<T>(name: () => string, run: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let outcome: Promise<T> | undefined
      this.#requests.push({
        get name() {
          return name()
        },
        store: () => {
          outcome ??= quiet(run())
        },
        acknowledge: () => void outcome?.then(resolve, reject),
      })
    })
  }
}

function nameOf(record: RecordDraft): string {
  switch (record.kind) {
    case 'message':
      return `message ${record.message.id}`
    case 'settle':
      return `${record.messageId} ${record.outcome}`
    case 'step':
      return `${record.name} ${record.outcome.type} of ${record.messageId}`
    case 'start':
      return `start ${record.start} of ${record.messageId}`
    case 'run.ended':
      return `${record.runId} ${record.status}`
    default:
      return `${record.kind} of ${record.runId}`
  }
}
