import { toJsonSchema } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerer, ask } from '../../test/answerer.ts'
import type { ModelRequest } from '../model.ts'
import { defineTool } from '../tool.ts'
import { createOfflineModel, latestPrompt, toolResults } from './offline-model.ts'

const signal = new AbortController().signal
const request: ModelRequest = {
  agent: 'answerer',
  instructions: 'Answer.',
  messages: [{ role: 'user', content: 'hello' }],
  tools: [],
}

describe('the offline model', () => {
  it('answers by the function of the agent that asks, through real tool calls', async () => {
    const double = defineTool({
      name: 'double',
      description: 'Doubles.',
      parameters: z.object({ n: z.number() }),
      result: z.number(),
      execute: ({ n }) => 2 * n,
    })
    const agent = answerer((ctx) => ctx.generate({ prompt: '21' }), {
      tools: [double],
      offline(asked) {
        const [result] = toolResults(asked)
        return result === undefined
          ? { toolCalls: [{ name: 'double', arguments: { n: Number(latestPrompt(asked)) } }] }
          : { content: `It is ${result}.` }
      },
    })

    const { text, ...end } = await ask(agent, createOfflineModel([agent]))

    expect(text).toBe('It is 42.')
    expect(end.usage).toMatchObject({ modelCalls: 2, toolCalls: 1 })
  })

  it('gives the smallest answer that fits where an agent has no function', async () => {
    const output = z.object({ title: z.string().nullable(), tags: z.array(z.string()).min(1) })
    const agent = answerer(async (ctx) =>
      JSON.stringify(await ctx.generate({ prompt: 'Go.', output })),
    )

    const { text } = await ask(agent, createOfflineModel([agent]))

    expect(output.parse(JSON.parse(text ?? ''))).toEqual({ title: 'offline', tags: ['offline'] })
  })

  it('says who has no answer where text is wanted', async () => {
    const { content } = await createOfflineModel([]).generate(request, { signal })

    expect(content).toBe("'answerer' has no offline answer.")
  })

  it('gives the same answer to the same request, with the same usage', async () => {
    const schema = toJsonSchema(z.object({ n: z.int() }), 'output')
    const wanted = { ...request, output: { name: 'n', schema } }
    const model = createOfflineModel([])

    const [one, two] = [
      await model.generate(wanted, { signal }),
      await model.generate(wanted, { signal }),
    ]

    expect(one).toEqual(two)
    expect(one).toMatchObject({ content: '{"n":0}', model: 'offline' })
    expect(one.usage.inputTokens).toBeGreaterThan(0)
    expect(one.usage.outputTokens).toBeGreaterThan(0)
  })

  it('answers nothing that is aborted', async () => {
    const aborted = AbortSignal.abort(new Error('too late'))

    await expect(createOfflineModel([]).generate(request, { signal: aborted })).rejects.toThrow(
      'too late',
    )
  })
})

describe('toolResults', () => {
  it('are those since the latest prompt', () => {
    expect(
      toolResults({
        ...request,
        messages: [
          { role: 'user', content: 'a' },
          { role: 'tool', toolCallId: '1', content: '1' },
          { role: 'user', content: 'b' },
          { role: 'tool', toolCallId: '2', content: '{"two":2}' },
        ],
      }),
    ).toEqual([{ two: 2 }])
  })
})
