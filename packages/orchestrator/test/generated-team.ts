import {
  type Agent,
  type AgentContext,
  type AskRoute,
  defineAgent,
  defineListener,
  defineTool,
  type FanOutRoute,
  type Listener,
  type Model,
  type ModelRequest,
  type Route,
  type Team,
  type Tool,
  to,
} from '@nanoagent/agents'
import {
  COORDINATOR,
  canonicalHash,
  defineJoin,
  defineMessage,
  type Message,
  type MessageType,
  Secret,
  secret,
} from '@nanoagent/bus'
import fc from 'fast-check'
import { z } from 'zod'

/** Goes from stage to stage. */
export const Work = defineMessage(
  'work.wanted',
  z.object({ text: z.string(), key: secret().optional() }),
)
const Part = defineMessage('part.done', z.object({ text: z.string() }))
const Told = defineMessage('hint.told', z.object({ text: z.string() }))
const Wanted = defineMessage('hint.wanted', z.object({ text: z.string() }), { reply: Told })
const Joined = defineJoin('parts.joined', [Part], { policy: 'all-settled' })

/** One thing that a handler does. */
export type Action =
  | { readonly kind: 'generate'; readonly text: string; readonly hasTools: boolean }
  | { readonly kind: 'call'; readonly text: string; readonly tool: 'add' | 'pay' | 'break' }
  | {
      readonly kind: 'step' | 'log' | 'set' | 'get' | 'search' | 'ask' | 'make'
      readonly text: string
    }
  | { readonly kind: 'together'; readonly actions: readonly Action[] }

/** What the handler of one stage does. */
export interface Stage {
  readonly actions: readonly Action[]
  /** How many attempts fail at their end. */
  readonly failures: number
  /** How many branches it fans out to, which come together at the next stage; 0 for a handoff. */
  readonly branches: number
}

/** A team of stages, one after the other, with a helper that they ask and a listener. */
export interface TeamPlan {
  readonly stages: readonly Stage[]
  readonly branch: Stage
  readonly helper: Stage
  readonly isHeard: boolean
}

const text = fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme-ascii' })
const simple: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('generate' as const), text, hasTools: fc.boolean() }),
  fc.record({
    kind: fc.constant('call' as const),
    text,
    tool: fc.constantFrom('add' as const, 'pay' as const, 'break' as const),
  }),
  fc.record({
    kind: fc.constantFrom(...(['step', 'log', 'set', 'get', 'search', 'ask', 'make'] as const)),
    text,
  }),
)
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: simple },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('together' as const),
      actions: fc.array(simple, { minLength: 2, maxLength: 3 }),
    }),
  },
)
const stage: fc.Arbitrary<Stage> = fc.record({
  actions: fc.array(action, { maxLength: 4 }),
  failures: fc.constantFrom(0, 0, 0, 1, 2, 3),
  branches: fc.constantFrom(0, 0, 0, 1, 3),
})

/** Small teams that do everything that handlers can do. */
export const teamPlan: fc.Arbitrary<TeamPlan> = fc.record({
  stages: fc.array(stage, { minLength: 1, maxLength: 4 }),
  branch: stage,
  helper: stage,
  isHeard: fc.boolean(),
})

const parameters = z.object({ text: z.string() })
const result = z.object({ text: z.string(), seal: secret().optional() })
let performed = 0

function tool(name: string, once: boolean): Tool {
  return defineTool({
    name,
    description: `Does ${name}.`,
    parameters,
    result,
    once,
    async execute({ text: given }) {
      performed++
      await new Promise((resolve) => setImmediate(resolve))
      if (name === 'break') throw new Error(`broken\n by ${given}`)
      return { text: `${name} ${given}`, seal: `sealed-${performed}-${given}` }
    },
  })
}

const TOOLS = { add: tool('add', false), pay: tool('pay', true), break: tool('break', false) }

/** How often a tool was really executed so far. */
export function executions(): number {
  return performed
}

/** A model that calls all tools that it is offered, and then says something else each time. */
export function chattyModel(): Model & { readonly requests: readonly ModelRequest[] } {
  const requests: ModelRequest[] = []
  const model = talkingModel((request) => `${requests.push(request)}`)
  return { ...model, requests }
}

/** A model that does the same, and says the same to the same request. */
export function steadyModel(): Model {
  return talkingModel(({ messages }) => canonicalHash(messages).slice(0, 8))
}

function talkingModel(word: (request: ModelRequest) => string): Model {
  return {
    name: 'talking',
    async generate(request) {
      const said = word(request)
      const usage = { inputTokens: 1, outputTokens: 1 }
      const isAsked = request.messages.some(({ role }) => role === 'tool')
      const names = isAsked ? [] : request.tools.map(({ name }) => name)
      const toolCalls = names.map((name, index) => ({
        id: `call-${index}`,
        name,
        arguments: JSON.stringify({ text: `${name}-${said}` }),
      }))
      return { content: `answer ${said}`, toolCalls, usage, model: 'talking' }
    },
  }
}

/** Does one thing; gives what came of it. */
async function act(one: Action, ctx: AgentContext): Promise<string> {
  switch (one.kind) {
    case 'generate':
      return ctx.generate({ prompt: one.text, ...(one.hasTools ? {} : { tools: [] }) })
    case 'call':
      return ctx
        .call(TOOLS[one.tool], { text: one.text })
        .then((given) => JSON.stringify(given))
        .catch((error: unknown) => `${error}`)
    case 'step': {
      const request = { text: one.text, now: ctx.now(), chance: ctx.random() }
      return ctx.step('chance', request, () => `${Math.random()}`)
    }
    case 'log':
      ctx.log('did {text} by {now}', { text: one.text, now: ctx.now() })
      return 'logged'
    case 'set':
      ctx.memory.set(one.text, { text: one.text, now: ctx.now() })
      return 'set'
    case 'get':
      return JSON.stringify((await ctx.memory.get(one.text, z.unknown())) ?? 'nothing')
    case 'search':
      return JSON.stringify(await ctx.memory.search(one.text))
    case 'ask':
      return ctx.ask('helper', Wanted, { text: one.text }).then(
        (reply) => reply.text,
        (error: unknown) => `${error}`,
      )
    case 'make': {
      const made = await ctx.step('make', { own: new Secret(`own-${one.text}`) }, () => ({
        made: new Secret(`made-${one.text}-${Math.random()}`),
      }))
      return `${made.made.handle} ${ctx.secret(made.made.handle) !== undefined}`
    }
    case 'together':
      return (await Promise.all(one.actions.map((inner) => act(inner, ctx)))).join()
  }
}

async function actAll({ actions, failures }: Stage, ctx: AgentContext): Promise<string> {
  const done: string[] = []
  for (const one of actions) done.push(await act(one, ctx))
  if (ctx.attempt <= failures) throw new Error(`attempt ${ctx.attempt} failed`)
  return done.join(' ')
}

type WantedContext = AgentContext<Route, FanOutRoute, AskRoute, typeof Wanted>

/** An agent whose ways nobody has told the compiler. */
function player(
  role: string,
  accepts: readonly MessageType[],
  handle: (message: Message, ctx: WantedContext) => unknown,
): Agent {
  const description = 'Does what is planned.'
  const tools = Object.values(TOOLS)
  const asks = role === 'helper' ? [] : [to('helper', Wanted)]
  return {
    ...defineAgent({ role, description, accepts, tools, asks, handle() {} }),
    backoffMs: 0,
    handle,
  }
}

/** The team of a plan. */
export function teamOf(plan: TeamPlan): Team<typeof Work, typeof Work> {
  const { stages, branch, helper, isHeard } = plan
  const players = stages.map((stage, index) =>
    player(`stage-${index}`, [Work, Joined], (message, ctx) =>
      handleStage(
        stage,
        message,
        ctx,
        index + 1 < stages.length ? `stage-${index + 1}` : COORDINATOR,
      ),
    ),
  )
  const inner = helper.actions.filter(({ kind }) => kind !== 'ask' && kind !== 'together')
  return {
    name: 'generated',
    agents: [
      ...players,
      player('branch', [Work], async ({ from }, ctx) => {
        const done = await actAll(branch, ctx)
        ctx.handoff(nextOf(from), Part, { text: done.slice(-200) })
      }),
      player('helper', [Wanted], async (_message, ctx) => {
        const done = await actAll({ ...helper, actions: inner }, ctx)
        ctx.reply(Told, { text: done.slice(-200) })
      }),
    ],
    listeners: isHeard ? [ear] : [],
    entry: to('stage-0', Work),
    terminal: Work,
    context: {},
  }
}

async function handleStage(stage: Stage, { data }: Message, ctx: AgentContext, next: string) {
  const done = `${JSON.stringify(data)} ${await actAll(stage, ctx)} ${ctx.context.history.length}`
  if (stage.branches === 0 || next === COORDINATOR) {
    ctx.handoff(next, Work, { text: done.slice(-500), key: `key-${ctx.random()}` })
    return
  }
  const branches = Array.from({ length: stage.branches }, (_, at) => ({
    ...to('branch', Work),
    data: { text: `branch ${at}` },
  }))
  ctx.fanOut(branches, to(next, Joined))
}

/** The stage after the one that has fanned out. */
function nextOf(role: string): string {
  return `stage-${Number(role.replace('stage-', '')) + 1}`
}

const ear: Listener = defineListener({
  role: 'ear',
  description: 'Hears everything.',
  listens: [Work, Part, Told],
  handle: (message, ctx) => ctx.log(`${message.type} by ${ctx.random()}`, {}),
})
