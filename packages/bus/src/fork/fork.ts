import { canonicalJson } from '../canonical.ts'
import { toData } from '../data.ts'
import { NotForkableError, UnknownMessageError } from '../errors.ts'
import { problemIn } from '../journals/run-check.ts'
import { draftMessage, type Message } from '../message.ts'
import type { MessageType } from '../message-type.ts'
import { pathInRun } from '../paths.ts'
import { findMessage } from '../reading/find-message.ts'
import { assertKnownVersion } from '../record-schema.ts'
import type { JournalRecord, RecordDraft, RunLimits, RunOpenedRecord } from '../records.ts'
import { runLimits } from '../run-limits.ts'
import { cutCone } from './cone-cut.ts'
import { type GivenFor, givenData } from './given-data.ts'
import { callsAround, type Move, movedRecord, mover } from './moved-record.ts'

/** How a run is forked. Limits that are not given are those that it had. */
export interface ForkOptions extends Partial<RunLimits> {
  /**
   * The message from which on the fork goes its own way: its id, its path in the run, such as `.h` or `~.h`, or
   * whatever else `findMessage` takes.
   */
  readonly at: string
  /**
   * What that message holds in the fork, validated by its type. Default: what it holds. A secret is a
   * `Secret`, a new value, or the handle of one of the run, as it stands in JSON of the message.
   */
  readonly data?: unknown
  /** Types by name of messages that no role of the bus accepts: of the terminal one, of replies, of the last ones of branches. */
  readonly types?: ReadonlyMap<string, MessageType>
  /** The id of the fork. Default: a new one. */
  readonly runId?: string
  /** Cancels the fork. */
  readonly signal?: AbortSignal
  /** What to keep with the fork for those who read it, beside what the run had: JSON. */
  readonly about?: Readonly<Record<string, unknown>>
}

/** Where a fork is made. */
export interface ForkPlace {
  /** Its own id. */
  readonly runId: string
  /** Epoch milliseconds. */
  readonly at: number
  /** The type that a role accepts under a name. */
  typeOf(role: string, name: string): MessageType | undefined
}

/**
 * The records of a fork, for one append: those of the run that do not follow from the message, moved into a
 * run of their own, with the message as it is to be. The run is open, and goes on as any other; it has ended
 * where the run did by nothing that the message led to, which its fork then obeys. Times stay what they were:
 * whatever is served again reads the same clock. What the fork remembers is its own; it also knows what the
 * run's thread knew when the run was opened.
 *
 * Throws a `NotForkableError` where the run has no such message, its records cannot follow from each other, or
 * nobody knows the type of its new data, an `AmbiguousMessageError` where it has several such messages, an
 * `InvalidMessageError` where the data is invalid, has an entry that the type does not have, or the handle of a
 * secret that the fork does not have, and a `NewerVersionError` where the records cannot be read.
 */
export function forkedRecords(
  records: readonly JournalRecord[],
  given: ForkOptions,
  place: ForkPlace,
): readonly RecordDraft[] {
  const [first] = records
  const parent = first?.runId ?? ''
  assertKnownVersion(first)
  const options = { ...given, at: messageAt(parent, records, given.at) }
  const problem = problemIn(records)
  if (problem !== undefined)
    throw new NotForkableError(parent, `its records are damaged: ${problem}`)
  const cut = cutCone(records, options.at)
  if (cut === undefined) throw new NotForkableError(parent, `it has no message ${given.at}`)
  const { runId, at } = place
  const move = mover(parent, runId)
  const around = callsAround(records)
  const known = { records, kept: cut.kept }
  const message = editedMessage(cut.message, known, options, place, move)
  const opening = openingOf(cut.opening, options, place)
  const batch: RecordDraft[] = [opening]
  // What is as it was has led to what it led to.
  const isWhole = cut.ended !== undefined && message === undefined
  for (const record of isWhole ? records.slice(1, -1) : cut.kept) {
    const moved = movedRecord(record, runId, move, around)
    const isIt = moved.kind === 'message' && moved.message.id === pathInRun(options.at, runId)
    batch.push(
      isIt && message !== undefined ? { original: moved.message.data, ...moved, message } : moved,
    )
  }
  if (cut.ended === undefined) {
    const reason = `it is a fork of run ${parent}, from ${options.at} on`
    batch.push({ kind: 'run.reopened', runId, at, reason, limits: opening.limits, revived: [] })
  } else batch.push({ ...movedRecord(cut.ended, runId, move, around), at })
  return batch
}

function messageAt(runId: string, records: readonly JournalRecord[], ref: string): string {
  const nodes = new Map(
    records.flatMap((record) => (record.kind === 'message' ? [[record.message.id, record]] : [])),
  )
  try {
    return findMessage({ runId, nodes }, ref)
  } catch (error) {
    if (error instanceof UnknownMessageError) {
      throw new NotForkableError(runId, `it has no message ${ref}`)
    }
    throw error
  }
}

/** The message as it is to be; `undefined` where that is how it is. */
function editedMessage(
  message: Message,
  known: Pick<GivenFor, 'records' | 'kept'>,
  { data, types }: ForkOptions,
  { runId, typeOf }: ForkPlace,
  move: Move,
): Message | undefined {
  if (data === undefined) return undefined
  const { id, to, from, type, causationId, content, metadata, sentAt } = message
  const messageType = typeOf(to, type) ?? types?.get(type)
  if (messageType === undefined) {
    throw new NotForkableError(
      message.runId,
      `nobody here knows the type of ${id}, which is ${type}`,
    )
  }
  const place = {
    id: pathInRun(id, runId),
    runId,
    from,
    to,
    ...(causationId === undefined ? {} : { causationId: pathInRun(causationId, runId) }),
  }
  const given = givenData(data, {
    type: messageType,
    original: message.data,
    runId: message.runId,
    ...known,
  })
  const draft = draftMessage(place, messageType, move(given), { content, metadata }, NOWHERE)
  if (canonicalJson(draft.data, runId) === canonicalJson(message.data, message.runId)) {
    return undefined
  }
  return Object.freeze({ ...draft, sentAt, content: move(content), metadata: move(metadata) })
}

/** A fork reads its secrets from its records, as any run that goes on. */
const NOWHERE = { addSecret() {} }

function openingOf(
  { runId: parent, at: openedAt, thread, forkedFrom, ...opening }: RunOpenedRecord,
  { at: messageId, about = {}, maxHops, timeoutMs, maxTokens }: ForkOptions,
  { runId, at }: ForkPlace,
): RunOpenedRecord {
  const memory = thread === undefined ? forkedFrom?.memory : { thread, until: openedAt }
  const given = {
    ...(maxHops === undefined ? {} : { maxHops }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  }
  return {
    ...opening,
    runId,
    at,
    limits: runLimits({ ...opening.limits, ...given }),
    forkedFrom: { runId: parent, messageId, ...(memory === undefined ? {} : { memory }) },
    about: toData({ ...opening.about, ...about }),
  }
}
