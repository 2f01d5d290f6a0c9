import { type GenerationLimits, replayPlayers, type Team } from '@nanoagent/agents'
import {
  type ReplayedDelivery as DeliveryReplay,
  type Divergence,
  type Journal,
  type JournalMemory,
  type JournalRecord,
  NotReplayableError,
  type ReplayedAttempt,
  type ReplayOptions,
  type RunOpenedRecord,
  type RunStatus,
  replayDeliveries,
} from '@nanoagent/bus'
import { type DivergenceWhy, whyOf } from './why.ts'

/** Which run is replayed. */
export type ReplaySource =
  | {
      /** All records of one run, in journal order. */
      readonly records: Iterable<JournalRecord>
      /** Where that is which the run has read of earlier runs' memory. Default: nowhere. */
      readonly memory?: Pick<JournalMemory, 'read'>
      readonly journal?: never
      readonly runId?: never
    }
  | {
      readonly journal: Pick<Journal, 'read' | 'memory'>
      readonly runId: string
      readonly records?: never
      readonly memory?: never
    }

/** How a run is replayed. Bounds of generations that are not given are those that the run had. */
export type ReplayRunOptions = ReplaySource &
  Pick<GenerationLimits, 'toolRounds' | 'corrections'> &
  Pick<ReplayOptions, 'attempts' | 'patienceMs'> & {
    /** The team as it is now. */
    readonly team: Team
    /** Gets each attempt before it is made again, in the order in which they ended. */
    readonly onBegin?: (attempt: ReplayedAttempt) => unknown
    /**
     * Gets each attempt as soon as it was made again. The replay waits for what both return, and rejects
     * with what they throw.
     */
    readonly onDelivery?: (delivery: ReplayedDelivery) => unknown
  }

/** Where a replay does something else than was recorded, and why. */
export type ReplayDivergence = Divergence & { readonly why: DivergenceWhy }

/** What came of an attempt of a delivery that was made again. */
export interface ReplayedDelivery extends Omit<DeliveryReplay, 'divergence'> {
  /** Present where it has diverged. */
  readonly divergence?: ReplayDivergence
}

/** What a replay comes to. */
export type ReplayVerdict =
  | { readonly status: 'identical'; readonly reason?: never; readonly divergence?: never }
  | {
      readonly status: 'diverged'
      readonly reason?: never
      /** The first one in causal order. */
      readonly divergence: ReplayDivergence
    }
  | {
      /** Nothing has diverged, but something of the run is lost, or nothing of it is settled. */
      readonly status: 'not_replayable'
      /** Why. */
      readonly reason: string
      readonly divergence?: never
    }

/** What came of a replay. */
export type ReplayReport = ReplayVerdict & {
  readonly runId: string
  /** How the run had ended. */
  readonly recorded: RunStatus | 'open'
  /** The attempts that were made again, in the order in which they ended. */
  readonly deliveries: readonly ReplayedDelivery[]
}

/**
 * Replays a recorded run: makes the settled attempt of every delivery again with the team of today, each by
 * itself, its steps served from the record, and says where that first differs; with `attempts: 'all'` also
 * the attempts that failed. Asks no model, performs no
 * tool, sends and stores nothing; joins and cancellations are as recorded.
 *
 * Rejects with a `NotReplayableError` where the run is unknown, another team made it, or records of another run
 * are among its own.
 */
export async function replayRun(options: ReplayRunOptions): Promise<ReplayReport> {
  const { team, attempts, patienceMs, onBegin, onDelivery } = options
  const records = await recordsOf(options)
  const opening = openingOf(records, options.runId)
  const { runId, about } = opening
  if (typeof about.team === 'string' && about.team !== team.name) {
    throw new NotReplayableError(runId, `team '${about.team}' made it, this is '${team.name}'`)
  }
  const memory = options.journal?.memory ?? options.memory
  const deliveries: ReplayedDelivery[] = []
  for await (const { divergence, ...delivery } of replayDeliveries({
    records,
    ...replayPlayers(team, records, { ...limitsOf(opening), ...givenLimits(options) }),
    ...(memory === undefined ? {} : { memory }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(onBegin === undefined ? {} : { onBegin }),
  })) {
    const replayed: ReplayedDelivery =
      divergence === undefined
        ? delivery
        : { ...delivery, divergence: { ...divergence, why: whyOf(divergence) } }
    deliveries.push(replayed)
    await onDelivery?.(replayed)
  }
  const last = records.at(-1)
  const recorded = last?.kind === 'run.ended' ? last.status : 'open'
  return { runId, recorded, ...verdictOn(deliveries), deliveries }
}

async function recordsOf(source: ReplaySource): Promise<readonly JournalRecord[]> {
  if (source.records !== undefined) return [...source.records]
  return Array.fromAsync(source.journal.read({ runId: source.runId }))
}

/** What the record of a run begins with. Throws a `NotReplayableError` where it does not. */
export function openingOf(records: readonly JournalRecord[], runId?: string): RunOpenedRecord {
  const [opening] = records
  if (opening?.kind === 'run.opened') return opening
  throw new NotReplayableError(
    opening?.runId ?? runId,
    opening === undefined ? 'there are no records of it' : 'its first records are missing',
  )
}

function verdictOn(deliveries: readonly ReplayedDelivery[]): ReplayVerdict {
  const [divergence] = deliveries
    .flatMap(({ divergence }) => divergence ?? [])
    .sort((a, b) => a.seq - b.seq)
  if (divergence !== undefined) return { status: 'diverged', divergence }
  const lost = deliveries.find(({ status }) => status === 'not_replayable')
  if (lost?.reason !== undefined) return { status: 'not_replayable', reason: lost.reason }
  if (deliveries.some(({ status }) => status === 'identical')) return { status: 'identical' }
  return { status: 'not_replayable', reason: 'no handler has settled anything of it' }
}

/** The bounds of generations that are in the record. */
export function limitsOf({ about }: RunOpenedRecord): GenerationLimits {
  const { toolRounds, corrections } = {
    toolRounds: about.toolRounds,
    corrections: about.corrections,
  }
  return {
    ...(typeof toolRounds === 'number' ? { toolRounds } : {}),
    ...(typeof corrections === 'number' ? { corrections } : {}),
  }
}

/** Those bounds of generations that are given. */
export function givenLimits({ toolRounds, corrections }: GenerationLimits): GenerationLimits {
  return {
    ...(toolRounds === undefined ? {} : { toolRounds }),
    ...(corrections === undefined ? {} : { corrections }),
  }
}
