import { describe } from '../../errors.ts'
import type { Lease } from '../../journal.ts'
import { COORDINATOR, type Message } from '../../message.ts'
import type { JournalRecord, RecordDraft, SettleRecord } from '../../records.ts'
import type { Behaviour } from './behaviour.ts'
import { addStep, type DeliveryBook, newDelivery, newRun, type RunBook } from './books.ts'
import type { Findings } from './invariants.ts'
import { Told } from './messages.ts'
import type { ProcessState } from './process-state.ts'
import { checkBatch } from './record-rules.ts'
import type { RunPlan, Scenario } from './scenario.ts'
import { checkSettlement } from './settlement-rules.ts'
import { isHandledByNobody, isQuestion } from './together.ts'

/** A second reading of the shared journal, kept up record by record, which checks each as it comes. */
export class Ledger {
  readonly runs = new Map<string, RunBook>()
  readonly records: JournalRecord[] = []
  readonly findings: Findings
  readonly scenario: Scenario
  readonly behaviour: Behaviour
  readonly counts = {
    retries: 0,
    deadLetters: 0,
    timeouts: 0,
    crashed: 0,
    unknown: 0,
    refused: 0,
    fanOuts: 0,
    cancelled: 0,
    replies: 0,
    copies: 0,
    reopened: 0,
  }
  readonly #plans: ReadonlyMap<string, RunPlan>

  constructor(scenario: Scenario, behaviour: Behaviour, findings: Findings) {
    this.scenario = scenario
    this.behaviour = behaviour
    this.findings = findings
    this.#plans = new Map(scenario.runs.map((run) => [run.runId, run]))
  }

  /** A batch took effect in the shared journal. */
  stored(by: ProcessState, lease: Lease, batch: readonly JournalRecord[]): void {
    const book = this.runs.get(lease.runId) ?? this.#open(by, lease)
    if (lease.epoch !== book.epoch || by !== book.holder) {
      this.findings.break(
        'stale-epoch-refused',
        `process ${by.number} appended to ${book.runId} with epoch ${lease.epoch}, ` +
          `process ${book.holder.number} has it with ${book.epoch}`,
      )
    }
    checkBatch(this, book, batch)
    for (const record of batch) {
      this.records.push(record)
      this.#add(book, record, by, batch)
    }
  }

  /** The shared journal refused a batch. */
  refused(by: ProcessState, lease: Lease, batch: readonly RecordDraft[], error: unknown): void {
    this.counts.refused++
    const book = this.runs.get(lease.runId)
    // Two processes may open a run of one id, when the first was taken for dead.
    if (batch[0]?.kind === 'run.opened' && book !== undefined) return
    if (book !== undefined && (book.holder !== by || book.epoch !== lease.epoch)) return
    this.findings.break(
      'journal-never-misused',
      `process ${by.number} has ${lease.runId} and was refused ${batch.map(({ kind }) => kind)}: ${describe(error)}`,
    )
  }

  /** A process was granted a run. */
  acquired(by: ProcessState, { runId, epoch }: Lease): void {
    const book = this.runs.get(runId)
    if (book === undefined) return
    book.epoch = epoch
    book.holder = by
  }

  /** A process gave a run back by itself: whatever of it was under way is not to blame. */
  released(by: ProcessState, { runId, epoch }: Lease): void {
    const book = this.runs.get(runId)
    if (book?.holder === by && book.epoch === epoch) book.releases++
  }

  /** What tells a run apart from others that behave alike. */
  variantOf(runId: string): number {
    return this.#plans.get(runId)?.variant ?? 0
  }

  /** Whether a process still has a run, so that what it does counts. */
  holds(by: ProcessState, runId: string): boolean {
    return this.runs.get(runId)?.holder === by && by.state !== 'dead'
  }

  #open(by: ProcessState, { runId, epoch }: Lease): RunBook {
    const book = newRun(runId, this.#plans.get(runId), epoch, by)
    this.runs.set(runId, book)
    return book
  }

  #add(
    book: RunBook,
    record: JournalRecord,
    by: ProcessState,
    batch: readonly JournalRecord[],
  ): void {
    switch (record.kind) {
      case 'message':
        this.counts.copies += record.copies?.length ?? 0
        this.#addMessage(book, record.message)
        break
      case 'settle':
        this.#addSettlement(book, record, batch)
        break
      case 'start': {
        const delivery = book.messages.get(record.messageId)
        if (delivery === undefined) break
        delivery.starts = record.start
        delivery.startedBy = by
        break
      }
      case 'step':
        addStep(book, record)
        break
      case 'log': {
        const delivery = book.messages.get(record.messageId)
        if (delivery !== undefined) delivery.logs = record.number
        break
      }
      case 'run.ended':
        book.ended = record
        break
      case 'run.reopened':
        book.ended = undefined
        book.reopenings++
        this.counts.reopened++
        for (const id of record.revived) revive(book.messages.get(id))
        break
    }
  }

  #addMessage(book: RunBook, message: Message): void {
    const delivery = newDelivery(message)
    book.messages.set(message.id, delivery)
    if (message.type === Told.name) this.counts.replies++
    // What is asked does not queue.
    if (message.to === COORDINATOR || isQuestion(message) || isHandledByNobody(message)) return
    const lane = book.lanes.get(message.to)
    if (lane === undefined) book.lanes.set(message.to, [delivery])
    else lane.push(delivery)
  }

  #addSettlement(book: RunBook, record: SettleRecord, batch: readonly JournalRecord[]): void {
    const delivery = book.messages.get(record.messageId)
    if (delivery === undefined) return
    const published = batch.flatMap((other) =>
      other.kind === 'message' && record.published.includes(other.message.id) ? other.message : [],
    )
    checkSettlement(this, book, delivery, record, published)
    if (record.error?.code === 'delivery_timeout') this.counts.timeouts++
    if (record.outcome === 'failed') {
      this.counts.retries++
      nextAttempt(delivery, record.retryAt)
      return
    }
    delivery.settled = record
    if (record.outcome === 'cancelled') this.counts.cancelled++
    if (record.fanOut !== undefined) this.counts.fanOuts++
    if (record.outcome === 'dead') this.counts.deadLetters++
    if (record.reason === 'crashed') this.counts.crashed++
    if (record.reason === 'outcome_unknown') this.counts.unknown++
  }
}

function nextAttempt(delivery: DeliveryBook, retryAt = 0): void {
  delivery.attempt++
  delivery.lostStarts += delivery.starts - 1
  delivery.starts = 1
  delivery.startedBy = undefined
  delivery.logs = 0
  delivery.retryAt = retryAt
  for (const [name, state] of delivery.intents) {
    if (state === 'answered late') delivery.intents.set(name, 'answered')
  }
}

/** What was cancelled goes on with its attempt; the others have a new one. */
function revive(delivery: DeliveryBook | undefined): void {
  if (delivery === undefined) return
  if (delivery.settled?.outcome !== 'cancelled') {
    nextAttempt(delivery)
    delivery.firstAttempt = delivery.attempt
  }
  delivery.settled = undefined
}
