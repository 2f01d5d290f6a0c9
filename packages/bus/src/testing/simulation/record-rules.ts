import { COORDINATOR, type Message } from '../../message.ts'
import {
  askPath,
  branchPath,
  externalPath,
  formatNumber,
  handoffPath,
  joinPath,
  replyPath,
} from '../../paths.ts'
import type {
  JournalRecord,
  MessageRecord,
  RunEndedRecord,
  SettleRecord,
  StartRecord,
} from '../../records.ts'
import type { RunBook } from './books.ts'
import { checkCancelled, checkJoin } from './join-rules.ts'
import type { Ledger } from './ledger.ts'
import { Told } from './messages.ts'
import { isQuestion } from './together.ts'

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
    if (book.ended !== undefined && record.kind !== 'run.reopened') {
      findings.break(
        'nothing-after-the-end',
        `a ${record.kind} of ${book.runId} was stored after its end`,
      )
    }
    if (record.kind === 'message') checkMessage(findings, book, record, batch)
    else if (record.kind === 'settle') {
      checkPublished(findings, record, batch)
      if (record.outcome === 'cancelled') checkCancelled(findings, scenario, record, batch)
    } else if (record.kind === 'start') checkStart(findings, scenario.roles, book, record)
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
  record: MessageRecord,
  batch: readonly JournalRecord[],
): void {
  const { message, asked, joined } = record
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
  const expect = (expected: string) => {
    if (id !== expected) findings.break('ids-predicted', `${id} was caused by ${causationId}`)
  }
  if (causationId === undefined) expect(book.runId)
  else if (asked !== undefined) expect(askPath(causationId, asked.attempt, asked.step))
  else if (joined !== undefined) {
    expect(joinPath(causationId))
    checkJoin(findings, book, record, batch)
  } else checkPublication(findings, message, causationId, batch)
}

/** A message that a settlement has published. */
function checkPublication(
  findings: Finder,
  { id, type }: Message,
  causationId: string,
  batch: readonly JournalRecord[],
): void {
  const expect = (expected: string) => {
    if (id !== expected) findings.break('ids-predicted', `${id} was caused by ${causationId}`)
  }
  const settle = batch.find((other) => other.kind === 'settle' && other.messageId === causationId)
  if (settle?.kind !== 'settle' || !settle.published.includes(id)) {
    findings.break('atomic-settlement', `${id} was stored without the settlement that publishes it`)
    return
  }
  if (settle.fanOut !== undefined) {
    expect(branchPath(causationId, settle.published.indexOf(id) + 1))
  } else expect(type === Told.name ? replyPath(causationId) : handoffPath(causationId))
}

function checkPublished(
  findings: Finder,
  { messageId, outcome, published, fanOut }: SettleRecord,
  batch: readonly JournalRecord[],
): void {
  const stored = batch.filter(
    (record) =>
      record.kind === 'message' &&
      record.message.causationId === messageId &&
      record.joined === undefined &&
      record.asked === undefined,
  )
  if (outcome !== 'done' && published.length + stored.length > 0) {
    findings.break('failed-publishes-nothing', `${messageId} is ${outcome} and published`)
  }
  if (published.length !== stored.length || (published.length > 1 && fanOut === undefined)) {
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
    start >
      role.startsPerAttempt +
        book.releases +
        book.reopenings +
        startsOfAsked(book, messageId, attempt)
  ) {
    findings.break(
      'bounded-attempts',
      `start ${start} of attempt ${attempt} of ${messageId} comes after start ${delivery.starts} ` +
        `of attempt ${delivery.attempt}`,
    )
  }
}

/** Starts that ended with the process while what an attempt had asked was handled. */
function startsOfAsked({ messages }: RunBook, messageId: string, attempt: number): number {
  let excused = 0
  for (const { message, settled, starts, lostStarts } of messages.values()) {
    if (!isQuestion(message) || message.causationId !== messageId) continue
    if (!message.id.startsWith(`${messageId}.a${formatNumber(attempt)}-`)) continue
    const isLost =
      settled === undefined || settled.reason === 'crashed' || settled.outcome === 'cancelled'
    excused += lostStarts + (isLost ? starts : starts - 1)
  }
  return excused
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
  if (
    book.reopenings === 0 &&
    status === 'completed' &&
    maxTokens !== undefined &&
    inputTokens + outputTokens > maxTokens
  ) {
    findings.break('usage-as-recorded', `${book.runId} completed over its budget of ${maxTokens}`)
  }
}
