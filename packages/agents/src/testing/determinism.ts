import { AssertionError } from 'node:assert'
import { setTimeout as realTime } from 'node:timers/promises'
import {
  canonicalJson,
  describeDivergence,
  type JournalRecord,
  type MemoryRecord,
  type ReplayedDelivery,
  replayDeliveries,
  type SettleRecord,
  type StepRecord,
} from '@nanoagent/bus'
import type { Agent } from '../agent.ts'
import type { GenerationLimits } from '../context.ts'
import type { Listener } from '../listener.ts'
import { replayPlayers } from '../players.ts'
import { standIns } from './stand-ins.ts'

/** A run as it is checked: of `runAgent`, `runTeam`, or the records of any journal with the agents. */
export interface RecordedRun {
  readonly agents: readonly Agent[]
  /** Default: nobody listened whose handlers are to be checked. */
  readonly listeners?: readonly Listener[]
  readonly records: readonly JournalRecord[]
  /** The bounds of the run's generations. Default: the defaults. */
  readonly generation?: GenerationLimits
  /** What was remembered before the run. Default: nothing. */
  readonly remembered?: readonly MemoryRecord[]
}

/** How long a handler may wait for what is no step, in real milliseconds. */
const PATIENCE_MS = 1_000

/**
 * Replays each settled delivery on its recorded steps, without a model or a tool, and throws an
 * `AssertionError` that shows the first difference: in the steps that it asks for, the lines that it logs,
 * how it ends, what it remembers or publishes; or a step that it has not awaited. Attempts that failed
 * before the settled one, those that ran out of time and those that were cancelled are left out.
 *
 * It notices what differs between two runs that are milliseconds apart: the clock, chance, state that a
 * handler keeps. It cannot notice what stays the same meanwhile, such as the day.
 */
export async function checkDeterminism(run: RecordedRun): Promise<void> {
  // So that a handler that reads the clock of the machine reads another time.
  await realTime(5)
  let checked = 0
  for (const records of Map.groupBy(run.records, ({ runId }) => runId).values()) {
    for await (const delivery of deliveriesOf({ ...run, records })) {
      if (delivery.status === 'skipped') continue
      checked++
      checkDelivery(delivery, records)
    }
  }
  if (checked === 0) {
    throw new TypeError('nothing to check: no delivery of these agents was settled in the records')
  }
}

function deliveriesOf(run: RecordedRun): AsyncIterable<ReplayedDelivery> {
  const { agents, listeners = [], records, generation, remembered = [] } = run
  const { roles, listeners: listening } = replayPlayers(run, records, generation)
  return replayDeliveries({
    records,
    roles: new Map([...standIns(agents, records), ...roles]),
    listeners: listening,
    only: [...agents, ...listeners].map(({ role }) => role),
    patienceMs: PATIENCE_MS,
    memory: { read: async (id) => remembered.find((record) => record.id === id) },
  })
}

function checkDelivery(delivery: ReplayedDelivery, records: readonly JournalRecord[]): void {
  const { divergence, status, reason } = delivery
  if (status === 'not_replayable') throw new TypeError(reason)
  if (divergence !== undefined) fail(delivery, describeDivergence(divergence))
  const forgotten = unawaited(delivery, records)
  if (forgotten === undefined) return
  const { step, stepKind, name, request, runId } = forgotten
  fail(delivery, {
    what: `step ${step.join('.')} was not awaited`,
    expected: 'its result',
    actual: `${stepKind} '${name}' ${canonicalJson(request, runId)}`,
  })
}

/** A step that was under way when its handler succeeded: whether it has a result is chance. */
function unawaited(
  { deliveryId, attempt }: ReplayedDelivery,
  records: readonly JournalRecord[],
): StepRecord | undefined {
  const isOfIt = ({ messageId, attempt: at }: SettleRecord | StepRecord) =>
    messageId === deliveryId && at === attempt
  const steps = records.filter((record) => record.kind === 'step').filter(isOfIt)
  const isDone = records.some(
    (record) => record.kind === 'settle' && record.outcome === 'done' && isOfIt(record),
  )
  const ended = new Set(
    steps.filter(({ outcome }) => outcome.type !== 'intent').map(({ step }) => step.join('.')),
  )
  return isDone ? steps.find(({ step }) => !ended.has(step.join('.'))) : undefined
}

function fail(
  { role, type, deliveryId }: ReplayedDelivery,
  {
    what,
    expected,
    actual,
  }: { readonly what: string; readonly expected: string; readonly actual: string },
): never {
  throw new AssertionError({
    message:
      `'${role}' does something else when it handles ${type} (${deliveryId}) again on its recorded steps: ` +
      `${what}: expected ${expected}, got ${actual}; whatever varies, such as Date.now(), ` +
      'Math.random() or state outside the handler, goes through ctx.now(), ctx.random() or a step',
    expected,
    actual,
    operator: 'checkDeterminism',
    stackStartFn: checkDeterminism,
  })
}
