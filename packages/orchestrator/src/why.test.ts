import {
  type AgentContext,
  type AskRoute,
  defineAgent,
  defineTool,
  type FanOutRoute,
  type Model,
  type Route,
  type Team,
  to,
} from '@nanoagent/agents'
import { createMemoryJournal, defineMessage, TerminalError } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createOrchestrator, replayRun } from './index.ts'

const Asked = defineMessage('asked', z.object({ text: z.string() }))
const Answered = defineMessage('answered', z.object({ text: z.string() }))
const Hint = defineMessage('hint', z.string())
const HintWanted = defineMessage('hint.wanted', z.string(), { reply: Hint })

const model: Model = {
  name: 'model',
  generate: async () => ({
    content: '"fine"',
    toolCalls: [],
    usage: { inputTokens: 1, outputTokens: 1 },
    model: 'model',
  }),
}

function weigh(description: string, parameters = z.object({ what: z.string() })) {
  const result = z.number()
  return defineTool({ name: 'weigh', description, parameters, result, execute: () => 7 })
}

type Ctx = AgentContext<Route, FanOutRoute, AskRoute, typeof HintWanted>

/** What a team of this kind may do otherwise. */
interface Kind {
  readonly instructions?: string
  readonly model?: string
  readonly temperature?: number
  readonly prompt?: string
  readonly toolText?: string
  readonly least?: number
  readonly what?: string
  readonly of?: string
  readonly asks?: readonly string[]
  readonly line?: string
  readonly note?: string
  readonly answer?: string | undefined
  readonly failure?: string
  readonly steps?: readonly string[]
  readonly accepts?: typeof Asked
}

function teamOf(kind: Kind): Team<typeof Asked, typeof Answered> {
  const { instructions = 'Be kind.', toolText = 'Weighs.', least = 1, steps = ['one'] } = kind
  const tool = weigh(toolText)
  const worker = defineAgent({
    role: 'worker',
    description: 'Works.',
    instructions,
    ...(kind.model === undefined ? {} : { model: kind.model }),
    ...(kind.temperature === undefined ? {} : { temperature: kind.temperature }),
    accepts: [kind.accepts ?? Asked],
    emits: [to('coordinator', Answered)],
    asks: [to('clerk', HintWanted)],
    tools: [tool],
    attempts: 1,
    async handle(_message, ctx) {
      const output = z.string().min(least)
      await ctx.generate({ prompt: kind.prompt ?? 'How?', output })
      await ctx.call(tool, { what: kind.what ?? 'this' })
      for (const name of steps) await ctx.step(name, { of: kind.of ?? 'it' }, () => name)
      for (const text of kind.asks ?? ['hint']) await ctx.ask('clerk', HintWanted, text)
      ctx.log(kind.line ?? 'done')
      ctx.memory.set('note', kind.note ?? 'noted')
      if (kind.failure !== undefined) throw new TerminalError(kind.failure)
      const { answer = 'it is' } = kind
      if (!('answer' in kind) || kind.answer !== undefined) {
        ctx.handoff('coordinator', Answered, { text: answer })
      }
    },
  })
  const clerk = defineAgent({
    role: 'clerk',
    description: 'Helps.',
    accepts: [HintWanted],
    handle: (_asked, ctx: Ctx) => ctx.reply(Hint, 'here'),
  })
  return {
    name: 'kinds',
    agents: [worker, clerk],
    listeners: [],
    entry: to('worker', Asked),
    terminal: Answered,
    context: {},
  }
}

/** Why a run of one team is replayed otherwise on another one. */
async function whyOf(before: Kind, after: Kind): Promise<unknown> {
  const journal = createMemoryJournal()
  await using orchestrator = createOrchestrator({ team: teamOf(before), model, journal })
  const { runId } = await orchestrator.run({ text: 'go' })
  const alike = await replayRun({ team: teamOf(before), journal, runId })
  expect(alike.status).toBe('identical')
  const { divergence } = await replayRun({ team: teamOf(after), journal, runId })
  return divergence?.why
}

const Longer = defineMessage('asked', z.object({ text: z.string().min(9) }))

describe('why a replay diverges', () => {
  it.each<readonly [why: string, before: Kind, after: Kind]>([
    ['prompt_changed', {}, { prompt: 'Why?' }],
    ['prompt_changed', {}, { instructions: 'Be brief.', temperature: 1 }],
    ['model_settings_changed', {}, { temperature: 1 }],
    ['model_settings_changed', { model: 'small' }, { model: 'large' }],
    ['tool_or_schema_changed', {}, { toolText: 'Weighs anything.' }],
    ['tool_or_schema_changed', {}, { least: 2 }],
    ['tool_arguments_changed', {}, { what: 'that' }],
    ['request_changed', {}, { of: 'that' }],
    ['other_step', {}, { steps: ['other'] }],
    ['other_step', { steps: ['one', 'two'] }, { steps: ['one'] }],
    ['missing_step', { asks: [], steps: ['one', 'two'] }, { asks: [], steps: ['one'] }],
    ['more_steps', { asks: [] }, { asks: [], steps: ['one', 'two'] }],
    ['other_message', {}, { asks: ['other'] }],
    ['missing_message', {}, { asks: [] }],
    ['more_messages', {}, { asks: ['hint', 'more'] }],
    ['log_changed', {}, { line: 'ready' }],
    ['memory_changed', {}, { note: 'another' }],
    ['other_message', {}, { answer: 'it is not' }],
    ['missing_message', {}, { answer: undefined }],
    ['more_messages', { answer: undefined }, {}],
    ['other_end', {}, { failure: 'no' }],
    ['other_end', { failure: 'no' }, { failure: 'never' }],
    ['message_refused', {}, { accepts: Longer }],
  ])('%s: %j, then %j', async (why, before, after) => {
    expect(await whyOf(before, after)).toBe(why)
  })
})
