import { ASKER_DONE } from '../../ask.ts'
import { canonicalJson } from '../../canonical.ts'
import { memoriesRead } from '../../memory-steps.ts'
import { COORDINATOR } from '../../message.ts'
import { messageOfDelivery, messageOfMemory, pathInRun } from '../../paths.ts'
import { causalGraph, coneOf } from '../../reading/graph.ts'
import type { JournalRecord, MessageRecord, RunEndedRecord, SettleRecord } from '../../records.ts'
import type { Findings } from './invariants.ts'
import { Done } from './messages.ts'
import { isHandledByNobody } from './together.ts'

/** A fork of a run, at its end. */
export interface Forked {
  /** The records of the run. */
  readonly parent: readonly JournalRecord[]
  /** The id of the message that it was forked at. */
  readonly at: string
  /** What that message was to hold; absent where it was to stay as it is. */
  readonly data?: unknown
  /** The records of the fork. */
  readonly records: readonly JournalRecord[]
  /** All that was recorded in the world of the run. */
  readonly known: readonly JournalRecord[]
}

/** Checks what a fork was made of, and that it has made the rest anew. */
export function checkForked(findings: Pick<Findings, 'break'>, forked: Forked): void {
  const asEdited = wronglyEdited(forked)
  if (asEdited !== undefined) findings.break('fork-as-edited', asEdited)
  const anew = notAnew(forked)
  if (anew !== undefined) findings.break('fork-made-anew', anew)
  const unknown = wronglyKnown(forked)
  if (unknown !== undefined) findings.break('fork-memory', unknown)
}

/** What is wrong with the message that a run was forked at. */
function wronglyEdited({ parent, at, data, records }: Forked): string | undefined {
  const was = messageRecord(parent, at)
  const { id, is } = inFork(records, at)
  if (was === undefined || is === undefined) return `${id} is not there`
  const [now, before] = [is.runId, was.runId]
  const wanted = data ?? was.message.data
  if (canonicalJson(is.message.data, now) !== canonicalJson(wanted, before)) {
    return `${id} holds ${JSON.stringify(is.message.data)}, not ${JSON.stringify(wanted)}`
  }
  const original = was.original ?? (data === undefined ? undefined : was.message.data)
  const isKept =
    original === undefined || is.original === undefined
      ? original === is.original
      : canonicalJson(is.original, now) === canonicalJson(original, before)
  if (isKept) return undefined
  return `${id} was ${JSON.stringify(is.original)}, not ${JSON.stringify(original)}`
}

/** What of a message's handling a fork has kept, or not made again. */
function notAnew({ parent, at, data, records }: Forked): string | undefined {
  const { id, is } = inFork(records, at)
  if (is === undefined) return undefined
  const reopened = reopeningOf(records)
  if (reopened === -1) {
    const cause = endedBy(parent, at)
    if (cause !== undefined) return `it obeys an end that ${cause} and that ${id} led to`
    // With nothing changed, everything is as it was.
    return data === undefined ? undefined : keptOf(records, id)
  }
  const kept = keptOf(records.slice(0, reopened), id)
  if (kept !== undefined) return kept
  const { message } = is
  if (message.to === COORDINATOR || isHandledByNobody(message)) return undefined
  const isSettled = records.some(
    (one) => one.kind === 'settle' && one.messageId === id && one.outcome !== 'failed',
  )
  return isSettled || mayBeLeft(records, id) ? undefined : `${id} is not handled`
}

/** Where a fork begins to go on; -1 where there is nothing left to do. */
function reopeningOf(records: readonly JournalRecord[]): number {
  return records.findIndex(
    (record) => record.kind === 'run.reopened' && record.reason.startsWith('it is a fork of'),
  )
}

/** Ids of what was remembered before a time. */
function memoryIds(
  records: readonly JournalRecord[],
  before = Number.POSITIVE_INFINITY,
): readonly string[] {
  return records.flatMap((one) => (one.kind === 'memory' && one.at < before ? [one.id] : []))
}

/** What a fork has read from memory that it cannot know. */
function wronglyKnown({ parent, records, known }: Forked): string | undefined {
  const reopened = reopeningOf(records)
  const read =
    reopened === -1
      ? []
      : records.slice(reopened).flatMap((one) => (one.kind === 'step' ? memoriesRead(one) : []))
  if (read.length === 0) return undefined
  const ids = new Set([...memoryIds(records), ...memoryIds(known, parent[0]?.at)])
  const wrong = read.find((id) => !ids.has(id))
  return wrong === undefined ? undefined : `it knows ${wrong}`
}

/** A record of how a message was handled, by its role or a listener. */
function keptOf(records: readonly JournalRecord[], id: string): string | undefined {
  const kept = records.find(
    (record) =>
      'messageId' in record && messageOfDelivery(record.messageId) === id && !isForsaken(record),
  )
  return kept === undefined ? undefined : `it keeps a ${kept.kind} of ${id}`
}

/** Whether it tells that nobody waits any more for what was asked. */
function isForsaken(record: JournalRecord): boolean {
  return record.kind === 'settle' && record.error?.code === ASKER_DONE
}

/** Whether a run may have ended before a message was handled: by nothing that the message led to, or by a limit. */
function mayBeLeft(records: readonly JournalRecord[], id: string): boolean {
  const { status } = endOf(records) ?? {}
  if (status === 'timed_out' || status === 'budget_exhausted') return true
  return (status === 'completed' || status === 'failed') && endedBy(records, id) === undefined
}

/** By what that a message led to its run has ended; `undefined` where that may have been something else. */
function endedBy(records: readonly JournalRecord[], id: string): string | undefined {
  // What has come from outside into the run is no consequence of what it came beside.
  const cone = new Set(
    coneOf(causalGraph(records), id).filter((one) => beginningOf(one) === beginningOf(id)),
  )
  // Whoever asked is in it with all that it has asked, also before: what read their memories may be outside.
  const hasReaders = records.some((one) => {
    return one.kind === 'step' && memoriesRead(one).some((read) => cone.has(messageOfMemory(read)))
  })
  if (hasReaders) return undefined
  switch (endOf(records)?.status) {
    case 'completed': {
      const last = records.findLast(
        (one) =>
          one.kind === 'message' &&
          one.message.to === COORDINATOR &&
          one.message.type === Done.name,
      )
      if (last?.kind !== 'message' || last.message.id === id) return undefined
      return cone.has(last.message.id) ? `${last.message.id} has completed` : undefined
    }
    case 'failed': {
      const ends = records.flatMap((record) => {
        return record.kind === 'settle' && isDeadEnd(record) ? [record.messageId] : []
      })
      return ends.every((one) => cone.has(one)) ? `${ends} have failed` : undefined
    }
    default:
      return 'time, a limit or a person has brought'
  }
}

/** The message that began the chain: the root, or one from outside. */
function beginningOf(id: string): string | undefined {
  return /^[^.]+(\.x[^.]+)?/.exec(id)?.[0]
}

/** Whether nothing follows a message: a branch fails by that, even where its handler does not. */
function isDeadEnd({ outcome, published }: SettleRecord): boolean {
  return outcome === 'dead' || (outcome === 'done' && published.length === 0)
}

function endOf(records: readonly JournalRecord[]): RunEndedRecord | undefined {
  const last = records.at(-1)
  return last?.kind === 'run.ended' ? last : undefined
}

function inFork(records: readonly JournalRecord[], at: string) {
  const id = pathInRun(at, records[0]?.runId ?? '')
  return { id, is: messageRecord(records, id) }
}

function messageRecord(records: readonly JournalRecord[], id: string): MessageRecord | undefined {
  return records.find(
    (record): record is MessageRecord & JournalRecord =>
      record.kind === 'message' && record.message.id === id,
  )
}
