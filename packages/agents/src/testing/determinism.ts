import { AssertionError } from 'node:assert'
import { setTimeout as realTime } from 'node:timers/promises'
import {
  type JournalRecord,
  listenerOfDelivery,
  type MemoryRecord,
  messageOfDelivery,
  type SettleRecord,
} from '@nanoagent/bus'
import type { Agent } from '../agent.ts'
import type { GenerationLimits } from '../context.ts'
import type { Listener } from '../listener.ts'
import { callsOf, type Difference, firstDifference, publishedBy, shownStep } from './conduct.ts'
import { runAgain } from './run-again.ts'

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

/**
 * Runs the handler of each settled delivery again on its recorded steps, without a model or a tool, and
 * throws an `AssertionError` that shows the first difference: in the steps that it asks for, the lines
 * that it logs, what it writes to memory, how it ends or what it publishes. Attempts that failed before the settled one, those that
 * ran out of time and those that were cancelled are left out.
 *
 * It notices what differs between two runs that are milliseconds apart: the clock, chance, state that a
 * handler keeps. It cannot notice what stays the same meanwhile, such as the day.
 */
export async function checkDeterminism(run: RecordedRun): Promise<void> {
  const { agents, listeners = [], records } = run
  // So that a handler that reads the clock of the machine reads another time.
  await realTime(5)
  let checked = 0
  for (const settlement of records) {
    if (settlement.kind !== 'settle' || !isRepeatable(settlement)) continue
    const isCopy = listenerOfDelivery(settlement.messageId) !== undefined
    const players: readonly (Agent | Listener)[] = isCopy ? listeners : agents
    if (!players.some(({ role }) => role === settlement.role)) continue
    checked++
    const before = conductOf(records, settlement)
    const difference = firstDifference(before, await runAgain(run, settlement))
    if (difference !== undefined) fail(records, settlement, difference)
  }
  if (checked === 0) {
    throw new TypeError('nothing to check: no delivery of these agents was settled in the records')
  }
}

/** Whether a handler ran to its own end. */
function isRepeatable({ outcome, startedAt, error }: SettleRecord): boolean {
  return (
    (outcome === 'done' || outcome === 'dead') &&
    startedAt !== undefined &&
    error?.code !== 'delivery_timeout'
  )
}

function conductOf(
  records: readonly JournalRecord[],
  settlement: SettleRecord & { readonly seq: number },
) {
  const { runId, messageId, attempt } = settlement
  const steps = [...callsOf(records, settlement)]
  return {
    steps: new Map(steps.map(([number, step]) => [number, shownStep(step, runId)])),
    logs: records
      .filter((record) => record.kind === 'log')
      .filter((line) => line.messageId === messageId && line.attempt === attempt),
    memories: records
      .filter((record) => record.kind === 'memory')
      .filter((memory) => memory.messageId === messageId && memory.attempt === attempt),
    settlement,
    messages: publishedBy(settlement, records),
  }
}

function fail(
  records: readonly JournalRecord[],
  { role, messageId }: SettleRecord,
  { what, expected, actual }: Difference,
): never {
  const handledId = messageOfDelivery(messageId)
  const handled = records.find(
    (record) => record.kind === 'message' && record.message.id === handledId,
  )
  const type = handled?.kind === 'message' ? handled.message.type : 'a message'
  throw new AssertionError({
    message:
      `'${role}' does something else when it handles ${type} (${messageId}) again on its recorded steps: ` +
      `${what}: expected ${shown(expected)}, got ${shown(actual)}; whatever varies, such as Date.now(), ` +
      'Math.random() or state outside the handler, goes through ctx.now(), ctx.random() or a step',
    expected,
    actual,
    operator: 'checkDeterminism',
    stackStartFn: checkDeterminism,
  })
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
