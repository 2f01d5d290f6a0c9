import { canonicalHash, type JournalRecord } from '@nanoagent/bus'
import { z } from 'zod'
import { requestIdentity, type SentRequest } from './model-endpoint.ts'
import type { RunOrder, TeamName } from './player.ts'
import { type Messages, messagesIn, undisturbed } from './undisturbed.ts'

/** What is known of a process that worked on a journal, dead or not. */
export interface PastLife {
  readonly name: string
  readonly seed: string
  /** The highest number in the journal when it opened it. */
  readonly lastSeq: number
  /** The records whose append was acknowledged to it: their numbers, and a hash of each. */
  readonly acknowledged: readonly (readonly [seq: number, hash: string])[]
}

/** A journal after a chain of processes, of which all but the last were killed. */
export interface Aftermath {
  readonly team: TeamName
  /** All that is in the journal at the end. */
  readonly records: readonly JournalRecord[]
  /** What the journal says is wrong with it. */
  readonly problems: readonly string[]
  /** In the order in which they lived, never two at once. */
  readonly lives: readonly PastLife[]
  /** What the model was sent, by whomever. */
  readonly requests: readonly SentRequest[]
}

const Asked = z.object({ agent: z.string(), messages: z.array(z.unknown()) })

/** Everything that was lost or done again, in words; nothing where all is well. */
export async function lossesIn(aftermath: Aftermath): Promise<readonly string[]> {
  return [
    ...aftermath.problems,
    ...lostRecords(aftermath),
    ...repeatedSteps(aftermath),
    ...repeatedRequests(aftermath),
    ...(await otherOutcomes(aftermath)),
  ]
}

/** What was acknowledged is there as it was, and nothing is missing between. */
function* lostRecords({ records, lives }: Aftermath): Iterable<string> {
  for (const [index, { seq }] of records.entries()) {
    if (seq !== index + 1) yield `record ${index + 1} has number ${seq}`
  }
  for (const { name, acknowledged } of lives) {
    for (const [seq, hash] of acknowledged) {
      const record = records[seq - 1]
      if (record === undefined) yield `record ${seq} is lost, which ${name} had stored`
      else if (canonicalHash(record) !== hash) yield `record ${seq} is not what ${name} had stored`
    }
  }
}

/** A step of an attempt has one result, whoever performed it. */
function* repeatedSteps({ records }: Aftermath): Iterable<string> {
  const results = new Set<string>()
  for (const record of records) {
    if (record.kind !== 'step' || record.outcome.type === 'intent') continue
    const step = `${record.messageId}/${record.attempt}.${record.step.join('.')}`
    if (results.has(step)) yield `step ${step} (${record.name}) has two results`
    results.add(step)
  }
}

/**
 * A process asks the model what no record said when it began, each at most once. Two steps may ask the
 * same, so they are counted.
 */
function* repeatedRequests({ records, lives, requests }: Aftermath): Iterable<string> {
  const steps = records.flatMap((record) =>
    record.kind === 'step' && record.stepKind === 'model'
      ? [{ seq: record.seq, identity: requestIdentity(Asked.parse(record.request)) }]
      : [],
  )
  for (const { name, lastSeq } of lives) {
    const sent = countBy(requests.filter(({ sender }) => sender === name))
    const open = countBy(steps.filter(({ seq }) => seq > lastSeq))
    for (const [identity, count] of sent) {
      const most = open.get(identity) ?? 0
      if (count > most) yield `${name} asked ${count} times, not ${most}: ${identity}`
    }
  }
}

function countBy(all: readonly { readonly identity: string }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { identity } of all) counts.set(identity, (counts.get(identity) ?? 0) + 1)
  return counts
}

/** Each run is completed, with the messages that it would have had if nothing had disturbed it. */
async function otherOutcomes({ team, records, lives }: Aftermath): Promise<readonly string[]> {
  const problems: string[] = []
  for (const [runId, ofRun] of byRun(records)) {
    const end = ofRun.at(-1)
    if (end?.kind !== 'run.ended' || end.status !== 'completed') {
      problems.push(`run ${runId} ends with ${JSON.stringify(end)}`)
      continue
    }
    const order = orderOf(runId, ofRun)
    const seedOf = (messageId: string) => seedUsed(messageId, ofRun, lives)
    const wanted = await undisturbed(team, order, seedOf)
    problems.push(...differences(runId, messagesIn(ofRun), wanted))
  }
  return problems
}

function byRun(records: readonly JournalRecord[]): ReadonlyMap<string, readonly JournalRecord[]> {
  return Map.groupBy(records, ({ runId }) => runId)
}

const Request = z.union([z.string(), z.object({ text: z.string() }).transform(({ text }) => text)])

function orderOf(runId: string, records: readonly JournalRecord[]): RunOrder {
  const root = messagesIn(records).get(runId)
  return { runId, text: Request.parse(root?.data) }
}

/** The seed of the process whose record says what chance made while this message was handled. */
function seedUsed(
  messageId: string,
  records: readonly JournalRecord[],
  lives: readonly PastLife[],
): string {
  const made = records.find(
    (record) =>
      record.kind === 'step' &&
      record.messageId === messageId &&
      record.name.startsWith('generate_'),
  )
  return lives.findLast(({ lastSeq }) => lastSeq < (made?.seq ?? 1))?.seed ?? ''
}

function* differences(runId: string, actual: Messages, wanted: Messages): Iterable<string> {
  for (const id of wanted.keys()) if (!actual.has(id)) yield `run ${runId} has no message ${id}`
  for (const [id, message] of actual) {
    const other = wanted.get(id)
    if (other === undefined) yield `run ${runId} has one message too many, ${id}`
    else if (canonicalHash(message) !== canonicalHash(other)) {
      yield `message ${id} says ${JSON.stringify(message)} and not ${JSON.stringify(other)}`
    }
  }
}
