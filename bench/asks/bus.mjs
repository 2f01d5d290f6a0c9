import { createBus, defineMessage } from '../../packages/bus/dist/index.js'
import { resultOf } from '../result-of.mjs'
import { schemas, square } from './scenario.mjs'

/** Runs on the bus as users get it; `first` is the role that each begins with. */
export function createRuns(first) {
  const bus = createBus()
  const SquareWanted = defineMessage('square.wanted', schemas.question)
  const SquareTold = defineMessage('square.told', schemas.answer)
  const SquareAsked = defineMessage('square.asked', schemas.question, { reply: SquareTold })

  const subscribe = (role, accepted, handle) => bus.subscribe(role, { accepts: [accepted], handle })
  subscribe('asker', SquareWanted, async ({ data }, context) => {
    context.handoff('coordinator', SquareTold, await context.ask('oracle', SquareAsked, data))
  })
  subscribe('oracle', SquareAsked, async ({ data }, context) => {
    context.reply(SquareTold, await square(data))
  })
  subscribe('knower', SquareWanted, async ({ data }, context) => {
    context.handoff('coordinator', SquareTold, await square(data))
  })
  subscribe('sender', SquareWanted, async ({ data }, context) => {
    context.handoff('receiver', SquareWanted, data)
  })
  subscribe('receiver', SquareWanted, async ({ data }, context) => {
    context.handoff('teller', SquareTold, await square(data))
  })
  subscribe('teller', SquareTold, async ({ data }, context) => {
    context.handoff('coordinator', SquareTold, data)
  })

  return {
    run: (task) => resultOf(bus.publish(first, SquareWanted, task, { terminal: SquareTold })),
    close: () => bus.close(),
  }
}
