import type { JournalRecord } from '../../records.ts'
import { describeDivergence } from '../../replay/describe-divergence.ts'
import { type ReplayOptions, replayDeliveries } from '../../replay/replay.ts'
import { type HandlerWorld, playAttempt } from './handler.ts'
import { hear } from './listening.ts'
import { ACCEPTED, HEARD } from './messages.ts'
import type { ProcessState } from './process-state.ts'
import type { World } from './world.ts'

/** The number of a process that only reads. */
const READER = 0

/** Replays every run on the handlers that it was made by, and checks that they do the same again. */
export async function checkReplays(world: World): Promise<void> {
  const { findings, ledger } = world
  const journal = world.journalOf(READER)
  const players = playersOf(world)
  for (const runId of ledger.runs.keys()) {
    const records: JournalRecord[] = []
    for await (const record of journal.read({ runId })) records.push(record)
    for await (const delivery of replayDeliveries({ ...players, records, attempts: 'all' })) {
      const { deliveryId, status, divergence, reason } = delivery
      if (status === 'identical') world.counts.replayed++
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
}

/** The process of a replay, which nobody watches. */
const NOWHERE: ProcessState = { number: 0, state: 'alive', killedBy: undefined }

/** The handlers of a world, in a process in which nothing can be performed. */
function playersOf({ ledger, findings }: World): Pick<ReplayOptions, 'roles' | 'listeners'> {
  const perform = () => {
    findings.break('replayed-alike', 'a replay performs a step')
    return 1
  }
  const world: HandlerWorld = {
    behaviour: ledger.behaviour,
    findings,
    watch: { perform, end() {}, received() {}, replied() {} },
    effect: () => new Promise(() => {}),
    kill: perform,
    nextNonce: perform,
    variantOf: (runId) => ledger.variantOf(runId),
    askTimeoutMs: 1,
  }
  const { roles, listeners } = ledger.scenario
  return {
    roles: new Map(
      roles.map(({ name }) => [
        name,
        {
          accepts: ACCEPTED,
          handle(message, context) {
            const { attempt } = context
            return playAttempt(world, { by: NOWHERE, message, attempt, context, waits: 0 }, message)
          },
        },
      ]),
    ),
    listeners: new Map(
      listeners.map((name) => [
        name,
        { accepts: HEARD, handle: (message, context) => hear(name, message, context) },
      ]),
    ),
  }
}
