import { LLMock } from '@copilotkit/aimock'
import { systemRuntime } from '@nanoagent/bus'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerer, ask } from '../../test/answerer.ts'
import type { AgentDelta } from '../context.ts'
import { defineTool } from '../tool.ts'
import { createOpenAIModel } from './index.ts'

const endpoint = new LLMock({ port: 0, strict: true })

beforeAll(async () => {
  await endpoint.start()
})
afterAll(async () => {
  await endpoint.stop()
})
beforeEach(() => {
  endpoint.clearFixtures()
  endpoint.clearRequests()
})

const add = defineTool({
  name: 'add',
  description: 'Adds two numbers.',
  parameters: z.object({ a: z.number(), b: z.number() }),
  result: z.object({ sum: z.number() }),
  execute: ({ a, b }) => ({ sum: a + b }),
})

const Sum = z.object({ sum: z.number() })

/** Runs an agent that wants a sum from the endpoint. */
async function sum(onDelta?: (delta: AgentDelta) => void) {
  const model = createOpenAIModel({
    model: 'gpt-test',
    apiKey: 'sk-test-0123456789',
    baseUrl: `${endpoint.url}/v1`,
  })
  const agent = answerer(
    async (ctx) => String((await ctx.generate({ prompt: 'sum up', output: Sum })).sum),
    { tools: [add] },
  )
  const limits = onDelta === undefined ? {} : { onDelta }
  const { text, ...end } = await ask(agent, model, { runtime: systemRuntime, ...limits })
  return { end, text, requests: endpoint.getRequests() }
}

const calling = (name: string, text: string) => ({ toolCalls: [{ name, arguments: text }] })
const whole = { content: '{"sum":3}' }

describe('an agent with an endpoint', () => {
  it('shows what its model writes, and whose it is', async () => {
    endpoint.on({ hasToolResult: false }, calling('add', '{"a":1,"b":2}'))
    endpoint.on({ hasToolResult: true }, whole)
    const deltas: AgentDelta[] = []

    const { text } = await sum((delta) => deltas.push(delta))

    expect(text).toBe('3')
    expect(new Set(deltas.map(({ role }) => role))).toEqual(new Set(['answerer']))
    const told = deltas.map(({ delta }) => ('text' in delta ? delta.text : '')).join('')
    expect(told).toBe('{"a":1,"b":2}{"sum":3}')
  })

  it.for([
    {
      name: 'arguments that are no JSON',
      call: calling('add', '{"a":1,'),
      told: "the arguments of 'add' do not fit: it is not JSON",
    },
    {
      name: 'arguments that do not fit',
      call: calling('add', '{"a":"one","b":2}'),
      told: "the arguments of 'add' do not fit: a: Invalid input",
    },
    { name: 'an unknown tool', call: calling('multiply', '{}'), told: "no tool 'multiply'" },
  ])('tells the model of $name, which may do better', async ({ call, told }) => {
    endpoint.on({ hasToolResult: false }, call)
    endpoint.on({ hasToolResult: true }, whole)

    const { text, requests } = await sum()

    expect(text).toBe('3')
    expect(requests).toHaveLength(2)
    expect(JSON.stringify(requests[1]?.body)).toContain(told)
  })

  it('ends an endless loop of tool calls, in one line that names model and endpoint', async () => {
    endpoint.on({ endpoint: 'chat' }, calling('add', '{"a":1,"b":2}'))

    const { end, requests } = await sum()

    expect(end).toMatchObject({ status: 'failed' })
    expect(end.reason).toBe(
      `'answerer' failed at question.asked: model 'gpt-test' at ${endpoint.url}/v1 still calls ` +
        "tools (add) for 'answerer' after 8 rounds: raise toolRounds, make the instructions " +
        'clearer, or try another model',
    )
    expect(requests).toHaveLength(9)
  })

  it('gives up on an answer that never fits, in one line that names model and endpoint', async () => {
    endpoint.on({ endpoint: 'chat' }, { content: '{"sum":"three"}' })

    const { end, requests } = await sum()

    expect(end).toMatchObject({ status: 'failed' })
    expect(end.reason).toMatch(
      /the answer of model 'gpt-test' at http:\S+\/v1 to 'answerer' did not fit after 2 corrections: sum: Invalid input[^\n]+; try another model or a simpler output schema$/,
    )
    expect(requests).toHaveLength(3)
  })

  it('makes no more requests than the client may, whatever the attempts of its delivery', async () => {
    endpoint.on({ endpoint: 'chat' }, { status: 503, retryAfter: 0, error: { message: 'busy' } })

    const { end, requests } = await sum()

    expect(end.reason).toMatch(
      /^'answerer' failed at question.asked: model 'gpt-test' at .*\(503\)/,
    )
    expect(end.reason).not.toContain('sk-test')
    expect(requests).toHaveLength(3)
  })
})
