import { NotReplayableError } from '../errors.ts'
import type { JournalMemory } from '../journal.ts'
import type { MessageType } from '../message-type.ts'
import type { JournalRecord, Usage } from '../records.ts'
import { type FieldDifference, redactDifference } from '../replay/divergence.ts'
import { type RecordedAttempt, type RecordedRun, readRecordedRun } from '../replay/recorded-run.ts'
import { forgotten, inboxOf, memoriesOf, PATIENCE_MS, unrepeatable } from '../replay/replay.ts'
import type { ReplayWorld } from '../replay/replay-run.ts'
import { Role, type Subscriber } from '../role.ts'
import { type Runtime, systemRuntime } from '../runtime.ts'
import { usageOf } from '../usage-count.ts'
import { RecordedCalls } from './recorded-calls.ts'
import { type Rehearsal, type Rehearsed, rehearse, toldOf } from './rehearsal.ts'
import { failsAlike, recordedWork, workDifferences } from './work.ts'

/** Who handles recorded messages now, and with what. */
export interface RehearsalOptions {
  /** All records of one run, in journal order. */
  readonly records: readonly JournalRecord[]
  readonly role: string
  /** What plays the role now. */
  readonly player: Subscriber<MessageType>
  /** Whether it listens: it handles copies, and publishes nothing. Default false. */
  readonly isListener?: boolean
  /** The memory of the run's journal. It is read, and never written. */
  readonly memory: Pick<JournalMemory, 'read' | 'get' | 'search' | 'fingerprint'>
  /** Where time comes from. Default: the real world. */
  readonly runtime?: Runtime
}

/** A delivery of a recorded inbox, which its role may handle again. */
export interface InboxDelivery {
  /** The message that was handled; with `@` and a listener's role where that one handled a copy. */
  readonly deliveryId: string
  /** The name of that message's type. */
  readonly type: string
  /** The attempt that settled it. */
  readonly attempt: number
  /** What that attempt used of models and tools. */
  readonly usage: Usage
  /** Lets the player handle it, and compares. Nothing is stored. Rejects only with the reason of the signal. */
  rehearse(signal?: AbortSignal): Promise<InboxOutcome>
}

/** What came of a delivery that was handled again. */
export interface InboxOutcome {
  /**
   * `changed` where it would publish or remember something else, or succeeds where it had failed. `failed`
   * where it fails, and had not failed so. `skipped` where no handler had settled it by itself.
   */
  readonly status: 'same' | 'changed' | 'failed' | 'skipped'
  /** Why it fails, or was skipped. */
  readonly reason?: string
  /** What differs where it is `changed`: see `workDifferences`. */
  readonly changes: readonly FieldDifference[]
  /** What it would have done; absent where its handler was not called. */
  readonly rehearsal?: Rehearsal
}

/**
 * What a role has handled in a recorded run, in the order in which it was settled, for a player that may be
 * another one now. With `live` model requests are made anew, and what else is not in the record is performed,
 * but for asks and memory reads; without it nothing is performed.
 *
 * Rejects with a `NotReplayableError` where the records are not those of a run.
 */
export async function recordedInbox(
  options: RehearsalOptions & { readonly live: boolean },
): Promise<readonly InboxDelivery[]> {
  const { role, isListener = false } = options
  const world = await worldOf(options)
  const isOfRole = ({ message, listener }: RecordedAttempt) =>
    isListener ? listener === role : listener === undefined && message.to === role
  const settled = world.run.attempts.filter((one) => one.isSettled && isOfRole(one))
  return settled.map((recorded) => ({
    deliveryId: recorded.deliveryId,
    type: recorded.message.type,
    attempt: recorded.attempt,
    usage: usageOf(recorded.history.of(recorded.attempt)),
    rehearse: (signal) => rehearseAgain(options, world, recorded, signal),
  }))
}

/** What all rehearsals of one run share. Rejects where the records are not those of a run. */
export async function worldOf({
  records,
  role,
  player,
  memory,
}: RehearsalOptions): Promise<ReplayWorld & { readonly player: Role }> {
  const run = readRecordedRun(records)
  if (run === undefined) {
    throw new NotReplayableError(records[0]?.runId, 'its records do not begin with run.opened')
  }
  const played = new Role(role, player)
  return {
    run,
    player: played,
    roles: new Map([[role, played]]),
    memories: await memoriesOf(run, memory),
    patienceMs: PATIENCE_MS,
  }
}

async function rehearseAgain(
  { live, memory, runtime = systemRuntime }: RehearsalOptions & { readonly live: boolean },
  world: ReplayWorld & { readonly player: Role },
  recorded: RecordedAttempt,
  signal: AbortSignal | undefined,
): Promise<InboxOutcome> {
  const skipped = unrepeatable(recorded)
  if (skipped !== undefined) return { status: 'skipped', reason: skipped, changes: [] }
  const { player, run } = world
  const lost = forgotten(recorded, world.memories)
  if (lost !== undefined) {
    return failed(`it has read the memory ${lost}, which is forgotten or in another journal`)
  }
  const inbox = inboxOf(recorded.message, player.name, player, world)
  if ('problem' in inbox) return failed(inbox.problem)
  const { deliveryTimeoutMs } = player.options
  const delivery = {
    ...recorded,
    message: inbox.message,
    startedAt: recorded.settlement.startedAt ?? recorded.attemptAt,
    calls: new RecordedCalls(recorded),
  }
  const rehearsed = await rehearse(world, delivery, {
    role: player,
    mode: live ? 'live' : 'nothing',
    memory,
    runtime,
    // Where nothing is performed, nothing takes time.
    timeoutMs: live ? deliveryTimeoutMs : Math.min(deliveryTimeoutMs, PATIENCE_MS),
    ...(signal === undefined ? {} : { signal }),
  })
  return { ...compared(recorded, run, rehearsed), rehearsal: toldOf(rehearsed) }
}

function failed(reason: string): InboxOutcome {
  return { status: 'failed', reason, changes: [] }
}

function compared(
  recorded: RecordedAttempt,
  run: RecordedRun,
  { rehearsal, redact }: Rehearsed,
): InboxOutcome {
  const { runId } = run.opening
  const { end } = rehearsal
  const work = recordedWork(recorded, run)
  if (end.outcome === 'dead' && !failsAlike(work.end, end, runId)) {
    return failed(redact(end.error.message))
  }
  const changes = workDifferences(work, rehearsal, runId).map((change) =>
    redactDifference(change, redact),
  )
  return { status: changes.length === 0 ? 'same' : 'changed', changes }
}
