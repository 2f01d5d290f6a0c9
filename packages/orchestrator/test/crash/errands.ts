import { appendFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { defineAgent, defineTeam, defineTool, type Team, to } from '@nanoagent/agents'
import { defineMessage } from '@nanoagent/bus'
import { z } from 'zod'

export const ErrandWanted = defineMessage('errand.wanted', z.string())
export const ErrandDone = defineMessage('errand.done', z.string())

/** Steps of an errand that takes a while. */
const STEPS = 4

/**
 * One worker, who does what a request says: `pay`, by a tool that is called once and leaves a line in a
 * file of effects, or `die`, with the whole process. Anything else takes a while.
 */
export function errandTeam(effects: string): Team<typeof ErrandWanted, typeof ErrandDone> {
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    parameters: z.object({ whom: z.string() }),
    result: z.object({ receipt: z.string() }),
    once: true,
    execute({ whom }) {
      appendFileSync(effects, `paid ${whom}\n`)
      return { receipt: `paid ${whom}` }
    },
  })
  const worker = defineAgent({
    role: 'worker',
    description: 'Runs errands.',
    accepts: [ErrandWanted],
    emits: [to('coordinator', ErrandDone)],
    tools: [pay],
    async handle({ data }, ctx) {
      if (data === 'die') process.kill(process.pid, 'SIGKILL')
      if (data === 'pay') await ctx.call(pay, { whom: 'the baker' })
      else for (let n = 1; n <= STEPS; n++) await ctx.step('walk', n, () => wait(20).then(() => n))
      ctx.handoff('coordinator', ErrandDone, `${data}: done`)
    },
  })
  return defineTeam({
    name: 'errands',
    agents: [worker],
    entry: to('worker', ErrandWanted),
    terminal: ErrandDone,
  })
}
