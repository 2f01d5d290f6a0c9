import type { JournalMemory } from '../../journal.ts'
import type { JournalRecord } from '../../records.ts'
import { describeDivergence } from '../../replay/describe-divergence.ts'
import { type ReplayedDelivery, replayDeliveries } from '../../replay/replay.ts'
import { alterRun } from './altered-replay.ts'
import { Chance, fingerprint } from './chance.ts'
import { playersOf } from './players.ts'
import { checkRecords } from './record-check.ts'
import type { World } from './world.ts'

/** The number of a process that only reads. */
const READER = 0

/** Replays every run on the handlers that it was made by, and checks that they do the same again. */
export async function checkReplays(world: World): Promise<void> {
  const journal = world.journalOf(READER)
  for (const runId of world.ledger.runs.keys()) {
    const records = await Array.fromAsync(journal.read({ runId }))
    await checkReplay(world, records, world.ledger.variantOf(runId), journal.memory)
  }
}

/**
 * Checks the records of a run, and replays it on the handlers of its world, which behave as they do for a
 * variant, and once more with a part of it altered. `memory` is where that is which it has read.
 */
export async function checkReplay(
  world: World,
  records: readonly JournalRecord[],
  variant: number,
  memory: JournalMemory,
): Promise<void> {
  const { findings, counts, sabotage } = world
  checkRecords(world, records)
  const perform = () => {
    findings.break('replayed-alike', 'a replay performs a step')
    return 1
  }
  const players = playersOf(world, {
    perform,
    effect: () => new Promise(() => {}),
    kill: perform,
    nextNonce: perform,
    variantOf: () => variant,
    askTimeoutMs: 1,
  })
  const replay = sabotage.replay?.(replayDeliveries) ?? replayDeliveries
  const identical: ReplayedDelivery[] = []
  for await (const delivery of replay({ ...players, memory, records, attempts: 'all' })) {
    const { deliveryId, status } = delivery
    if (status === 'identical') identical.push(delivery)
    if (status === 'identical' || status === 'skipped') continue
    findings.break(
      'replayed-alike',
      `${deliveryId} is handled otherwise in a replay: ${say(delivery)}`,
    )
  }
  counts.replayed += identical.length
  const chance = new Chance(fingerprint(`${world.scenario.seed} ${records[0]?.runId} altered`))
  const altered = alterRun(records, identical, chance)
  if (altered === undefined || findings.broken !== undefined) return
  const { what, attempt, differs } = altered
  const again = {
    ...players,
    memory,
    records: altered.records,
    attempts: 'all',
    only: [attempt.role],
  } as const
  for await (const delivery of replay(again)) {
    if (delivery.deliveryId !== attempt.deliveryId || delivery.attempt !== attempt.attempt) continue
    const { divergence } = delivery
    if (divergence !== undefined && differs.includes(divergence.what)) return
    const found = `${delivery.status}${divergence === undefined ? '' : `: ${say(delivery)}`}`
    findings.break(
      'altered-replay-differs',
      `${what} of ${attempt.deliveryId} is altered: ${found}`,
    )
    return
  }
  findings.break('altered-replay-differs', `${attempt.deliveryId} is not replayed any more`)
}

function say({ status, divergence, reason }: ReplayedDelivery): string {
  const { what, expected, actual } =
    divergence === undefined
      ? { what: status, expected: 'a replay', actual: reason }
      : describeDivergence(divergence)
  return `${what}: expected ${expected}, got ${actual}`
}
