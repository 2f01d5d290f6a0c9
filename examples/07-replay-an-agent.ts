// What would an agent's new instructions change? It gets recorded messages again, and nothing else runs.
import { createOfflineModel, defineAgent, defineTeam, latestPrompt, to } from '@nanoagent/agents'
import { createMemoryJournal, defineMessage } from '@nanoagent/bus'
import { createOrchestrator, replayAgent } from '@nanoagent/orchestrator'
import { z } from 'zod'

const TicketOpened = defineMessage('ticket.opened', z.string())
const TicketSorted = defineMessage('ticket.sorted', z.object({ queue: z.string() }))

const sorter = defineAgent({
  role: 'sorter',
  description: 'Sorts tickets into queues.',
  instructions: 'The queues are sales and support.',
  accepts: [TicketOpened],
  emits: [to('coordinator', TicketSorted)],
  async handle({ data }, ctx) {
    const { queue } = await ctx.generate({ prompt: data, output: z.object({ queue: z.string() }) })
    ctx.handoff('coordinator', TicketSorted, { queue })
  },
  // What a model might say.
  offline(request) {
    const ticket = latestPrompt(request)
    if (ticket.includes('price')) return { output: { queue: 'sales' } }
    const isSafety = ticket.includes('password') && request.instructions.includes('security')
    return { output: { queue: isSafety ? 'security' : 'support' } }
  },
})

const team = defineTeam({
  name: 'tickets',
  agents: [sorter],
  entry: to('sorter', TicketOpened),
  terminal: TicketSorted,
})
const model = createOfflineModel(team.agents)
const journal = createMemoryJournal()
await using orchestrator = createOrchestrator({ team, model, journal })

const tickets = new Map<string, string>()
for (const ticket of ['What is the price?', 'Who knows my password?', 'It is slow.']) {
  const { runId, status, output } = await orchestrator.run(ticket)
  console.log(status, output?.queue, '-', ticket)
  tickets.set(runId, ticket)
}

const runs = [...tickets.keys()]
const agent = { ...sorter, instructions: 'The queues are sales, support and security.' }

console.log('\nlive, with new instructions:')
for await (const replay of replayAgent({ agent, journal, runs, model })) {
  const { runId, status, changes, used, recorded } = replay
  console.log(status, '-', tickets.get(runId))
  for (const { path, before, after } of changes) console.log(' ', path, before, '→', after)
  console.log('  model calls:', used.modelCalls, 'recorded:', recorded.modelCalls)
}

console.log('\nwithout a model:')
for await (const { status, reason } of replayAgent({ agent, journal, runs: runs.slice(0, 1) })) {
  console.log(status, '-', reason)
}
