/** Five agents each: one fans out to three, which come together at the fifth. */
const STAGES = 6

/** What both files import, so that only the team makes a difference. */
const IMPORTS = `import { defineAgent, defineListener, defineTeam, defineTool, fanOut, to } from '@nanoagent/agents'
import { defineJoin, defineMessage, valuesOf } from '@nanoagent/bus'
import { z } from 'zod'
`

/** A file that imports what the team does, and is otherwise empty. */
export const EMPTY = `${IMPORTS}
export const agents = [defineAgent, defineListener, defineTeam, defineTool, fanOut, to]
export const messages = [defineJoin, defineMessage, valuesOf, z]
`

/** The source of a team of 30 agents with handoffs, fan-outs and joins, asks and a listener. */
export function teamOfThirty() {
  const stages = Array.from({ length: STAGES }, (_, index) => index + 1)
  const names = stages.flatMap((n) => [
    `lead${n}`,
    `first${n}`,
    `second${n}`,
    `third${n}`,
    `close${n}`,
  ])
  return `${IMPORTS}
const RequestSubmitted = defineMessage('request.submitted', z.string())
const ReportReady = defineMessage('report.ready', z.object({ text: z.string(), pages: z.number() }))
const TermExplained = defineMessage('term.explained', z.object({ text: z.string() }))
${stages.map(messages).join('')}
${stages.map(agents).join('')}
const archivist = defineListener({
  role: 'archivist',
  description: 'Keeps what was found.',
  listens: [${stages.map((n) => `Found${n}`).join(', ')}],
  handle: (message, ctx) => ctx.log('{title}', { title: message.data.title }),
})

export const team = defineTeam({
  name: 'thirty',
  agents: [${names.join(', ')}],
  listeners: [archivist],
  entry: to('lead-1', RequestSubmitted),
  terminal: ReportReady,
  context: { ${stages.map((n) => `closed${n}: Closed${n}`).join(', ')}, report: ReportReady },
})
`
}

function messages(n) {
  return `
const Work${n} = defineMessage('work-${n}.ready', z.object({
  title: z.string().min(1), tags: z.array(z.string()).max(9), priority: z.enum(['low', 'high']),
  limits: z.object({ words: z.number().int(), sources: z.number().optional() }),
}))
const Found${n} = defineMessage('work-${n}.found', z.object({ title: z.string(), quotes: z.array(z.string()) }))
const Rated${n} = defineMessage('work-${n}.rated', z.object({ stars: z.number(), why: z.string().optional() }))
const Closed${n} = defineMessage('work-${n}.closed', z.object({ text: z.string(), stars: z.number() }))
const Term${n} = defineMessage('term-${n}.asked', z.object({ term: z.string() }), { reply: TermExplained })
const Joined${n} = defineJoin('work-${n}.joined', [Found${n}, Rated${n}], { policy: ${POLICIES[n % 3]} })
`
}

const POLICIES = ["'all'", "'all-settled'", '{ first: 2 }']

function agents(n) {
  const isLast = n === STAGES
  const before = n === 1 ? 'RequestSubmitted' : `Closed${n - 1}`
  const [next, Next] = isLast ? ['coordinator', 'ReportReady'] : [`lead-${n + 1}`, `Closed${n}`]
  const other = `third-${n === 1 ? STAGES : n - 1}`
  const Other = `Term${n === 1 ? STAGES : n - 1}`
  const report = isLast ? '{ text, pages: 1 }' : '{ text, stars }'
  return `
const lead${n} = defineAgent({
  role: 'lead-${n}',
  description: 'Plans the work.',
  accepts: [${before}, Rated${n}],
  fansOut: [
    fanOut(
      [to('first-${n}', Work${n}), to('second-${n}', Work${n}), to('third-${n}', Work${n})],
      to('close-${n}', Joined${n}),
    ),
  ],
  asks: [to('${other}', ${Other})],
  async handle(message, ctx) {
    const title = message.type === 'work-${n}.rated' ? message.data.why ?? '' : 'new'
    const { text } = await ctx.ask('${other}', ${Other}, { term: title }, { timeoutMs: 5_000 })
    const data = { title: text, tags: ['a'], priority: 'high', limits: { words: 100 } } as const
    ctx.fanOut(
      [
        { to: 'first-${n}', type: Work${n}, data },
        { to: 'second-${n}', type: Work${n}, data },
        { to: 'third-${n}', type: Work${n}, data, content: 'Over to you.' },
      ],
      to('close-${n}', Joined${n}),
    )
  },
})
const search${n} = defineTool({
  name: 'search_${n}',
  description: 'Searches.',
  parameters: z.object({ words: z.array(z.string()), most: z.number().default(${n}) }),
  result: z.object({ hits: z.array(z.object({ title: z.string(), at: z.number() })) }),
  execute: ({ words, most }) => ({ hits: words.slice(0, most).map((title, at) => ({ title, at })) }),
})
const first${n} = defineAgent({
  role: 'first-${n}',
  description: 'Looks for quotes.',
  accepts: [Work${n}],
  emits: [to('close-${n}', Found${n})],
  tools: [search${n}],
  async handle({ data: { title, tags } }, ctx) {
    const output = z.object({ quotes: z.array(z.string()), note: z.string().nullable() })
    const { quotes } = await ctx.generate({ prompt: title, output })
    const { hits } = await ctx.call(search${n}, { words: tags })
    ctx.handoff('close-${n}', Found${n}, { title: hits[0]?.title ?? title, quotes }, 'Found.')
  },
})
const second${n} = defineAgent({
  role: 'second-${n}',
  description: 'Looks again.',
  accepts: [Work${n}, Found${n}],
  emits: [to('close-${n}', Found${n}), to('first-${n}', Work${n})],
  handle(message, ctx) {
    if (message.type === 'work-${n}.found') ctx.handoff('close-${n}', Found${n}, message.data)
    else ctx.handoff('first-${n}', Work${n}, message.data)
  },
})
const third${n} = defineAgent({
  role: 'third-${n}',
  description: 'Rates the work, and explains terms.',
  accepts: [Work${n}, Term${n}],
  emits: [to('close-${n}', Rated${n})],
  handle(message, ctx) {
    if (message.type === 'term-${n}.asked') ctx.reply(TermExplained, { text: message.data.term })
    else ctx.handoff('close-${n}', Rated${n}, { stars: message.data.limits.sources ?? 3 })
  },
})
const close${n} = defineAgent({
  role: 'close-${n}',
  description: 'Reviews what came back.',
  accepts: [Joined${n}],
  emits: [to('${next}', ${Next}), to('lead-${n}', Rated${n})],
  handle({ data }, ctx) {
    const text = valuesOf(data, Found${n}).map(({ quotes }) => quotes.join()).join()
    const stars = valuesOf(data, Rated${n})[0]?.stars ?? 0
    if (stars < 2) ctx.handoff('lead-${n}', Rated${n}, { stars, why: text })
    else ctx.handoff('${next}', ${Next}, ${report})
  },
})
`
}
