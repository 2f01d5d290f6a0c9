import { deadOnArrival } from '../dead-letter.ts'
import { InvalidOptionError, NO_SECRET_VALUE, NotReplayableError } from '../errors.ts'
import type { JournalMemory } from '../journal.ts'
import { memoriesRead } from '../memory-steps.ts'
import type { Message } from '../message.ts'
import type { MessageType } from '../message-type.ts'
import type { JournalRecord, MemoryRecord } from '../records.ts'
import { reread } from '../recovery.ts'
import { Role, type Subscriber } from '../role.ts'
import { secretsIn } from '../secret.ts'
import type { Divergence } from './divergence.ts'
import { type RecordedAttempt, type RecordedRun, readRecordedRun } from './recorded-run.ts'
import { replayAttempt } from './replay-attempt.ts'
import type { ReplayWorld } from './replay-run.ts'

/** How long a handler may wait for what is no step, where nobody says otherwise. */
export const PATIENCE_MS = 5_000

/** What a replay is made of. */
export interface ReplayOptions {
  /** All records of one run, in journal order. */
  readonly records: Iterable<JournalRecord>
  /** Who plays the roles now. */
  readonly roles: ReadonlyMap<string, Subscriber<MessageType>>
  /** Who listens now. Default: nobody. */
  readonly listeners?: ReadonlyMap<string, Subscriber<MessageType>>
  /**
   * Which attempts are made again: the one that settled a delivery, or also those before it that failed.
   * Default `settled`.
   */
  readonly attempts?: 'settled' | 'all'
  /** The names of those whose deliveries are made again. Default: all. */
  readonly only?: Iterable<string>
  /** Where that is which the run has read from memory and not written itself. Default: nowhere. */
  readonly memory?: Pick<JournalMemory, 'read'>
  /** How long a handler may wait for what is no step, in real milliseconds. Default 5,000. */
  readonly patienceMs?: number
  /** Gets each attempt before it is made again, which waits for what this returns. */
  readonly onBegin?: (attempt: ReplayedAttempt) => unknown
}

/** An attempt of a delivery that is made again. */
export interface ReplayedAttempt {
  /** The message that was handled; with `@` and a listener's role where that one handled a copy. */
  readonly deliveryId: string
  /** The name of that message's type. */
  readonly type: string
  readonly role: string
  /** The attempt that was made again: the one that settled it, or with `attempts: 'all'` one before that. */
  readonly attempt: number
  /** The number of the record with which the attempt ended. */
  readonly seq: number
}

/** What came of an attempt of a delivery that was made again. */
export interface ReplayedDelivery extends ReplayedAttempt {
  /** `skipped` where its handler did not end by itself, `not_replayable` where something of it is lost. */
  readonly status: 'identical' | 'diverged' | 'skipped' | 'not_replayable'
  /** Why it was skipped, or cannot be replayed. */
  readonly reason?: string
  readonly divergence?: Divergence
}

/**
 * Makes the settled attempt of every delivery of a run again, each by itself; with `attempts: 'all'` also
 * those that failed before it, which must fail alike. Its handler gets the message, what led to it, and each
 * of its steps as it was recorded. Who wins a race, what is cancelled and what a
 * join holds is as in the record. Nothing is performed, sent or stored, and no time passes.
 *
 * Gives the attempts in the order in which they ended. Throws a `NotReplayableError` where the
 * records are not those of one run, a `NewerVersionError` where they cannot be read, and an
 * `InvalidOptionError` for attempts and a patience that are none.
 */
export async function* replayDeliveries(options: ReplayOptions): AsyncGenerator<ReplayedDelivery> {
  assertOptions(options)
  const records = [...options.records]
  const run = readRecordedRun(records)
  if (run === undefined) {
    throw new NotReplayableError(records[0]?.runId, 'its records do not begin with run.opened')
  }
  const roles = rolesOf(options.roles)
  const listeners = rolesOf(options.listeners ?? new Map())
  const { patienceMs = PATIENCE_MS } = options
  const memories = await memoriesOf(run, options.memory)
  const world: ReplayWorld = { run, roles, memories, patienceMs }
  const only = options.only === undefined ? undefined : new Set(options.only)
  for (const recorded of run.attempts) {
    const { message, listener = message.to, isSettled } = recorded
    if (!isSettled && options.attempts !== 'all') continue
    if (only?.has(listener) === false) continue
    const attempt = attemptIn(recorded)
    await options.onBegin?.(attempt)
    yield { ...attempt, ...(await replayDelivery(world, recorded, listeners)) }
  }
}

/** What a timer can wait. */
const MOST_PATIENCE_MS = 2 ** 31 - 1

function assertOptions({ attempts = 'settled', patienceMs = PATIENCE_MS }: ReplayOptions): void {
  if (attempts !== 'settled' && attempts !== 'all') {
    throw new InvalidOptionError('attempts', attempts, "'settled' or 'all'")
  }
  if (!(Number.isFinite(patienceMs) && patienceMs >= 0 && patienceMs <= MOST_PATIENCE_MS)) {
    const expected = `milliseconds from 0 to ${MOST_PATIENCE_MS}`
    throw new InvalidOptionError('patienceMs', patienceMs, expected)
  }
}

function rolesOf(
  subscribers: ReadonlyMap<string, Subscriber<MessageType>>,
): ReadonlyMap<string, Role> {
  return new Map([...subscribers].map(([name, subscriber]) => [name, new Role(name, subscriber)]))
}

/** What the run has read from memory and is not forgotten. The run knows its secrets since it was read. */
export async function memoriesOf(
  { reads, memories, secrets }: RecordedRun,
  memory: Pick<JournalMemory, 'read'> | undefined,
): Promise<ReadonlyMap<string, MemoryRecord>> {
  const found = new Map(memories)
  for (const { id, seq, owner } of reads) {
    const record = found.get(id) ?? (await memory?.read(id))
    if (record === undefined) continue
    found.set(id, record)
    for (const secret of secretsIn(record.value)) secrets.add(secret, seq, owner)
  }
  return found
}

function attemptIn({
  deliveryId,
  message,
  attempt,
  listener = message.to,
  settlement,
}: RecordedAttempt): ReplayedAttempt {
  return { deliveryId, type: message.type, role: listener, attempt, seq: settlement.seq }
}

async function replayDelivery(
  world: ReplayWorld,
  recorded: RecordedAttempt,
  listeners: ReadonlyMap<string, Role>,
): Promise<Omit<ReplayedDelivery, keyof ReplayedAttempt>> {
  const { message, listener } = recorded
  const name = listener ?? message.to
  const role = listener === undefined ? world.roles.get(name) : listeners.get(name)
  const skipped = unrepeatable(recorded) ?? (listener === undefined || role ? undefined : UNHEARD)
  if (skipped !== undefined) return { status: 'skipped', reason: skipped }
  const lost = forgotten(recorded, world.memories)
  if (lost !== undefined) {
    const reason = `'${name}' has read the memory ${lost}, which is forgotten or in another journal`
    return { status: 'not_replayable', reason }
  }
  const inbox = inboxOf(message, name, role, world)
  const divergence =
    'problem' in inbox || role === undefined
      ? unreadable(recorded, 'problem' in inbox ? inbox.problem : '')
      : await replayAttempt(world, recorded, role, inbox.message)
  if (divergence === undefined) return { status: 'identical' }
  const sealed = sealedIn(divergence)
  return sealed === undefined
    ? { status: 'diverged', divergence }
    : { status: 'not_replayable', reason: sealed }
}

/** Why a handler cannot go on: it wants the value of a secret that was read without its journal's key. */
function sealedIn({ what, actual }: Divergence): string | undefined {
  if (what !== 'end' || actual === undefined || actual.outcome === 'done') return undefined
  const { code, message } = actual.error
  return code === NO_SECRET_VALUE ? message : undefined
}

const UNHEARD = 'nobody of this name listens now'

/** Why an attempt is not made again; `undefined` where its handler ran to its own end. */
export function unrepeatable({ settlement }: RecordedAttempt): string | undefined {
  const { outcome, startedAt, error } = settlement
  if (outcome === 'cancelled') return 'it was cancelled'
  if (startedAt === undefined) return 'no handler has settled it'
  if (error?.code === 'delivery_timeout') return 'its handler ran out of time'
  if (error?.code === 'non_determinism') {
    return 'its handler did something else when it started again'
  }
  return undefined
}

/** The id of a memory that an attempt has read and nobody has any more. */
export function forgotten(
  { served }: RecordedAttempt,
  memories: ReadonlyMap<string, MemoryRecord>,
): string | undefined {
  return served.flatMap(memoriesRead).find((id) => !memories.has(id))
}

/** The message as it is read today, or why it cannot be handled. */
export function inboxOf(
  message: Message,
  name: string,
  role: Role | undefined,
  { roles }: Pick<ReplayWorld, 'roles'>,
): { readonly message: Message } | { readonly problem: string } {
  const dead = deadOnArrival(message, name, role, { roles: [...roles.keys()] })
  if (dead !== undefined) return { problem: dead.error.message }
  const read = reread(message, role?.type(message.type))
  return read.dead === undefined ? read : { problem: read.dead.error.message }
}

function unreadable(
  { settlement, message, deliveryId, attempt, listener = message.to }: RecordedAttempt,
  problem: string,
): Divergence {
  return {
    deliveryId,
    type: message.type,
    role: listener,
    attempt,
    what: 'inbox',
    how: 'changed',
    seq: settlement.seq,
    expected: { data: message.data },
    actual: { problem },
    differences: [],
  }
}
