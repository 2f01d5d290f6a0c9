import { COORDINATOR } from '../../message.ts'
import { externalPath, handoffPath } from '../../paths.ts'
import type {
  JournalRecord,
  MessageRecord,
  RunEndedRecord,
  SettleRecord,
  StartRecord,
} from '../../records.ts'
import type { RunBook } from './books.ts'
import type { Ledger } from './ledger.ts'

/** Checks a batch against what was stored before it. */
export function checkBatch(
  { findings, scenario, records }: Ledger,
  book: RunBook,
  batch: readonly JournalRecord[],
): void {
  let last = records.at(-1)?.seq ?? 0
  for (const record of batch) {
    if (record.seq <= last) {
      findings.break('sequence-rises', `record ${record.seq} comes after ${last}`)
    }
    last = record.seq
    if (book.ended !== undefined) {
      findings.break(
        'nothing-after-the-end',
        `a ${record.kind} of ${book.runId} was stored after its end`,
      )
    }
    if (record.kind === 'message') checkMessage(findings, book, record, batch)
    else if (record.kind === 'settle') checkPublished(findings, record, batch)
    else if (record.kind === 'start') checkStart(findings, scenario.roles, book, record)
    else if (record.kind === 'log') {
      const logs = book.messages.get(record.messageId)?.logs ?? 0
      if (record.number !== logs + 1) {
        findings.break(
          'same-start-again',
          `log ${record.number} of ${record.messageId} comes after log ${logs}`,
        )
      }
    } else if (record.kind === 'run.ended') checkEnd(findings, book, record)
  }
}

type Finder = Pick<Ledger['findings'], 'break'>

function checkMessage(
  findings: Finder,
  book: RunBook,
  { message }: MessageRecord,
  batch: readonly JournalRecord[],
): void {
  const { id, causationId } = message
  if (batch[0]?.kind === 'run.opened' && causationId === undefined) {
    if (id !== book.runId) findings.break('ids-predicted', `the root of ${book.runId} is ${id}`)
    return
  }
  if (message.from === COORDINATOR) {
    const expected = externalPath(book.runId, ++book.externals)
    if (id !== expected) findings.break('ids-predicted', `${id} was published for ${expected}`)
    return
  }
  if (causationId === undefined || id !== handoffPath(causationId)) {
    findings.break('ids-predicted', `${id} was caused by ${causationId}`)
  }
  const settle = batch.find(
    (record) => record.kind === 'settle' && record.messageId === causationId,
  )
  if (settle?.kind !== 'settle' || !settle.published.includes(id)) {
    findings.break('atomic-settlement', `${id} was stored without the settlement that publishes it`)
  }
}

function checkPublished(
  findings: Finder,
  { messageId, outcome, published }: SettleRecord,
  batch: readonly JournalRecord[],
): void {
  const stored = batch.filter(
    (record) => record.kind === 'message' && record.message.causationId === messageId,
  )
  if (outcome !== 'done' && published.length + stored.length > 0) {
    findings.break('failed-publishes-nothing', `${messageId} is ${outcome} and published`)
  }
  if (published.length !== stored.length || published.length > 1) {
    findings.break(
      'atomic-settlement',
      `${messageId} published ${published.length} messages, ${stored.length} are stored with it`,
    )
  }
}

function checkStart(
  findings: Finder,
  roles: Ledger['scenario']['roles'],
  book: RunBook,
  { messageId, attempt, start }: StartRecord,
): void {
  const delivery = book.messages.get(messageId)
  const role = roles.find(({ name }) => name === delivery?.message.to)
  if (delivery === undefined || role === undefined) return
  if (
    attempt !== delivery.attempt ||
    start !== delivery.starts + 1 ||
    start > role.startsPerAttempt
  ) {
    findings.break(
      'bounded-attempts',
      `start ${start} of attempt ${attempt} of ${messageId} comes after start ${delivery.starts} ` +
        `of attempt ${delivery.attempt}`,
    )
  }
}

function checkEnd(findings: Finder, book: RunBook, { status, usage }: RunEndedRecord): void {
  const { inputTokens, outputTokens, modelCalls, toolCalls } = book.usage
  if (
    usage.inputTokens !== inputTokens ||
    usage.outputTokens !== outputTokens ||
    usage.modelCalls !== modelCalls ||
    usage.toolCalls !== toolCalls
  ) {
    findings.break(
      'usage-as-recorded',
      `${book.runId} ends with ${JSON.stringify(usage)}, its steps used ${JSON.stringify(book.usage)}`,
    )
  }
  const { maxTokens } = book.plan ?? {}
  if (status === 'completed' && maxTokens !== undefined && inputTokens + outputTokens > maxTokens) {
    findings.break('usage-as-recorded', `${book.runId} completed over its budget of ${maxTokens}`)
  }
}
