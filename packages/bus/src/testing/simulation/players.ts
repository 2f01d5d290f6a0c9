import type { ReplayOptions } from '../../replay/replay.ts'
import { type HandlerWorld, playAttempt } from './handler.ts'
import { hear } from './listening.ts'
import { ACCEPTED, HEARD } from './messages.ts'
import type { ProcessState } from './process-state.ts'
import type { World } from './world.ts'

/** What comes of what handlers do in a process that nobody watches. */
export interface Unwatched
  extends Pick<HandlerWorld, 'effect' | 'kill' | 'nextNonce' | 'variantOf' | 'askTimeoutMs'> {
  /** What a step gives that is performed. */
  perform(): number
}

/** The process of those that nobody watches. */
const NOWHERE: ProcessState = { number: 0, state: 'alive', killedBy: undefined }

/** The handlers of a world, in a process that nobody watches. */
export function playersOf(
  { ledger, findings }: World,
  { perform, ...unwatched }: Unwatched,
): Required<Pick<ReplayOptions, 'roles' | 'listeners'>> {
  const world: HandlerWorld = {
    ...unwatched,
    behaviour: ledger.behaviour,
    findings,
    watch: { perform, end() {}, received() {}, replied() {} },
  }
  const { roles, listeners } = ledger.scenario
  return {
    roles: new Map(
      roles.map(({ name, ...options }) => [
        name,
        {
          ...options,
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
        {
          accepts: HEARD,
          attempts: 2,
          backoffMs: 10,
          handle: (message, context) =>
            hear(name, world.variantOf(message.runId), message, context),
        },
      ]),
    ),
  }
}
