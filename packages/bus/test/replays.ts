import { z } from 'zod'
import { createBus, type PublishOptions } from '../src/bus.ts'
import type { DeliveryContext } from '../src/delivery-context.ts'
import { defineJoin } from '../src/join-type.ts'
import type { Journal } from '../src/journal.ts'
import { createMemoryJournal } from '../src/journals/memory.ts'
import type { MessageOf } from '../src/message.ts'
import { defineMessage, type MessageType } from '../src/message-type.ts'
import type { JournalRecord } from '../src/records.ts'
import { describeDivergence } from '../src/replay/describe-divergence.ts'
import { type ReplayedDelivery, replayDeliveries } from '../src/replay/replay.ts'
import type { DeliveryOptions, Subscriber } from '../src/role.ts'
import { type Runtime, systemRuntime } from '../src/runtime.ts'
import { secret } from '../src/secret.ts'

export const Told = defineMessage('told', z.object({ text: z.string(), key: secret().optional() }))
export const Wanted = defineMessage(
  'wanted',
  z.object({ text: z.string(), key: secret().optional() }),
  {
    reply: Told,
  },
)
export const Joined = defineJoin('joined', [Told], { policy: { first: 2 } })
export const Settled = defineJoin('settled', [Told], { policy: 'all-settled' })
export const TYPES = [Told, Wanted, Joined, Settled] as const

type AnyMessage = MessageOf<(typeof TYPES)[number]>
export type Handle = (message: AnyMessage, ctx: DeliveryContext) => unknown
export type Handlers = Readonly<Record<string, Handle>>

/** A world in which no two looks at the clock show the same time. */
function tickingRuntime(): Runtime {
  let now = 1_000_000
  return { ...systemRuntime, now: () => now++ }
}

const QUICK: Partial<DeliveryOptions> = { backoffMs: 0, attempts: 2 }

export function players(handlers: Handlers): ReadonlyMap<string, Subscriber<MessageType>> {
  return new Map(
    Object.entries(handlers).map(([role, handle]) => [role, { ...QUICK, accepts: TYPES, handle }]),
  )
}

export interface Recorded {
  readonly journal: Journal
  readonly runId: string
  readonly status: string
  readonly records: readonly JournalRecord[]
}

/** Records a run that begins with what `worker` is told. */
export async function record(
  handlers: Handlers,
  {
    journal = createMemoryJournal(),
    listeners = {},
    ...options
  }: Partial<PublishOptions> & {
    readonly journal?: Journal
    readonly listeners?: Handlers
  } = {},
): Promise<Recorded> {
  await using bus = createBus({ journal, runtime: tickingRuntime() })
  for (const [role, player] of players(handlers)) bus.subscribe(role, player)
  for (const [role, player] of players(listeners)) bus.listen(role, player)
  const run = bus.publish('worker', Told, { text: 'go' }, { terminal: Told, ...options })
  const { status } = await run.result
  await bus.drain()
  return { journal, runId: run.id, status, records: await recordsOf(journal, run.id) }
}

export async function recordsOf(
  journal: Journal,
  runId: string,
): Promise<readonly JournalRecord[]> {
  const records: JournalRecord[] = []
  for await (const one of journal.read({ runId })) records.push(one)
  return records
}

/** Replays a run on these handlers; with `all` also its attempts that failed. */
export async function replay(
  { records, journal: { memory } }: Pick<Recorded, 'records' | 'journal'>,
  handlers: Handlers,
  listeners: Handlers = {},
  attempts: 'settled' | 'all' = 'settled',
): Promise<readonly ReplayedDelivery[]> {
  const all: ReplayedDelivery[] = []
  const roles = players(handlers)
  const options = {
    records,
    roles,
    listeners: players(listeners),
    memory,
    attempts,
    patienceMs: 50,
  }
  for await (const delivery of replayDeliveries(options)) all.push(delivery)
  return all
}

/** What each delivery came to, by its id without the run's; the divergence in words. */
export function outcomes(
  deliveries: readonly ReplayedDelivery[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    deliveries.map(({ deliveryId, status, divergence, reason }) => {
      const id = deliveryId.replace(/^[\w-]+/, '~')
      if (divergence === undefined) return [id, reason ?? status]
      const { what, expected, actual } = describeDivergence(divergence)
      return [id, `${what}: expected ${expected}, got ${actual}`]
    }),
  )
}

export function tell(ctx: DeliveryContext, text = 'done'): void {
  ctx.handoff('coordinator', Told, { text })
}

export const never = () => new Promise<never>(() => {})
