import type { Bus } from '../../bus.ts'
import type { JoinAt } from '../../delivery-context.ts'
import type { MessageOf } from '../../message.ts'
import { All, answer, branches, First, play, Settled } from './types.ts'

type Join = typeof All | typeof Settled | typeof First

/** Where the fan-outs of these tests come together. */
export function joinAt(type: Join): JoinAt<Join> {
  return { to: 'joiner', type }
}

/** Plays `worker`, who fans out to these roles, and `joiner`, who answers; gives the joins that it gets. */
export function playEnds(bus: Bus, type: Join, ...roles: readonly string[]): MessageOf<Join>[] {
  const joined: MessageOf<Join>[] = []
  play(bus, 'worker', (_message, ctx) => void ctx.fanOut(branches(...roles), joinAt(type)))
  play(bus, 'joiner', (message, ctx) => {
    if (message.type === All.name || message.type === Settled.name || message.type === First.name) {
      joined.push(message)
    }
    answer(ctx)
  })
  return joined
}
