import { AskFlow } from '../ask.ts'
import { COPY_FLOW, type Flow, MAIN_FLOW } from '../flow.ts'
import type { RunMemory } from '../fork/fork-memory.ts'
import type { Message } from '../message.ts'
import { copyPath } from '../paths.ts'
import type { JournalRecord, MessageRecord } from '../records.ts'
import { reread } from '../recovery.ts'
import type { ReplayWorld } from '../replay/replay-run.ts'
import type { Role } from '../role.ts'
import { systemRuntime } from '../runtime.ts'
import { type RehearsalOptions, worldOf } from './inbox.ts'
import { RecordedCalls } from './recorded-calls.ts'
import { NOTHING_DONE, type Rehearsal, rehearse, toldOf } from './rehearsal.ts'

/** A message of a recorded run, as one gets it who was not there. */
export interface OverheardMessage {
  /** The message's id with `@` and the role of who gets it. */
  readonly deliveryId: string
  /** As it was published. */
  readonly message: Message
  /** Lets the player handle it. Nothing is stored. Rejects only with the reason of the signal. */
  rehearse(signal?: AbortSignal): Promise<Rehearsal>
}

/**
 * The messages of a recorded run whose types a player accepts, in journal order, for one who was not there.
 * It gets them as if they were for it, remembers nothing, and nobody answers what it asks; its model and tool
 * calls are performed. A listener gets them as they are, and publishes nothing.
 *
 * Rejects with a `NotReplayableError` where the records are not those of a run.
 */
export async function overheardMessages(
  options: RehearsalOptions,
): Promise<readonly OverheardMessage[]> {
  const world = await worldOf(options)
  const { player } = world
  const accepted = options.records.filter(
    (record): record is MessageRecord & JournalRecord =>
      record.kind === 'message' && player.type(record.message.type) !== undefined,
  )
  return accepted.map((record) => ({
    deliveryId: copyPath(record.message.id, player.name),
    message: record.message,
    rehearse: (signal) => overhear(options, world, record, signal),
  }))
}

async function overhear(
  { isListener = false, memory, runtime = systemRuntime }: RehearsalOptions,
  world: ReplayWorld & { readonly player: Role },
  record: MessageRecord & JournalRecord,
  signal: AbortSignal | undefined,
): Promise<Rehearsal> {
  const { player } = world
  const { message: read, dead } = reread(record.message, player.type(record.message.type))
  if (dead !== undefined) return { ...NOTHING_DONE, end: { outcome: 'dead', ...dead } }
  const { sentAt } = read
  const delivery = {
    deliveryId: copyPath(read.id, player.name),
    message: isListener ? read : Object.freeze({ ...read, to: player.name }),
    flow: isListener ? COPY_FLOW : flowOf(record),
    attempt: 1,
    attemptAt: sentAt,
    earlierMemories: 0,
    startedAt: sentAt,
    // It knows the secrets of the message too.
    settlement: { at: sentAt, seq: record.seq + 1 },
    calls: new RecordedCalls(),
  }
  const rehearsed = await rehearse(world, delivery, {
    role: player,
    mode: 'attached',
    memory: withoutMemories(memory),
    runtime,
    timeoutMs: player.options.deliveryTimeoutMs,
    ...(signal === undefined ? {} : { signal }),
  })
  return toldOf(rehearsed)
}

/** What it may do with the message: reply where somebody asked, else hand it on. */
function flowOf({ asked, message }: MessageRecord): Flow {
  return asked === undefined ? MAIN_FLOW : new AskFlow(message.causationId ?? '', MAIN_FLOW)
}

/** The memory of one who was not there. */
function withoutMemories(memory: Pick<RunMemory, 'fingerprint'>): RunMemory {
  return {
    get: () => Promise.resolve(undefined),
    search: () => Promise.resolve([]),
    fingerprint: (value) => memory.fingerprint(value),
  }
}
