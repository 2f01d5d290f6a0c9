// A handler fails and is tried again. What it did as a `once` step is not done a second time.
import { createBus, defineMessage } from '@nanoagent/bus'
import { z } from 'zod'

const Ordered = defineMessage('order.placed', z.object({ amount: z.number() }))
const Paid = defineMessage('order.paid', z.object({ receipt: z.string() }))

let charged = 0
await using bus = createBus()
using _cashier = bus.subscribe('cashier', {
  accepts: [Ordered],
  backoffMs: 10,
  async handle(message, ctx) {
    const { receipt } = await ctx.step({
      name: 'charge-card',
      request: message.data,
      once: true,
      perform: () => ({ receipt: `receipt-${++charged}` }),
    })
    if (ctx.attempt === 1) throw new Error('the printer is out of paper')
    ctx.handoff('coordinator', Paid, { receipt })
  },
})

const run = bus.publish('cashier', Ordered, { amount: 42 }, { terminal: Paid })
const { status, message } = await run.result
console.log(status, message?.data, `charged ${charged} time`)
