import type { JournalRecord } from '../../records.ts'
import { describeDivergence } from '../../replay/describe-divergence.ts'
import { replayDeliveries } from '../../replay/replay.ts'
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
    await checkReplay(world, records, world.ledger.variantOf(runId))
  }
}

/** Checks the records of a run, and replays it on the handlers of its world, which behave as they do for a variant. */
export async function checkReplay(
  world: World,
  records: readonly JournalRecord[],
  variant: number,
): Promise<void> {
  const { findings, counts } = world
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
  for await (const delivery of replayDeliveries({ ...players, records, attempts: 'all' })) {
    const { deliveryId, status, divergence, reason } = delivery
    if (status === 'identical') counts.replayed++
    if (status === 'identical' || status === 'skipped') continue
    const { what, expected, actual } =
      divergence === undefined
        ? { what: status, expected: 'a replay', actual: reason }
        : describeDivergence(divergence)
    findings.break(
      'replayed-alike',
      `${deliveryId} is handled otherwise in a replay: ${what}: expected ${expected}, got ${actual}`,
    )
  }
}
