import { Secret, secret, TerminalError } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerer, ask, toldResults } from '../test/answerer.ts'
import { createScriptedModel, type ScriptedReply } from './testing/index.ts'
import { defineTool, type Tool } from './tool.ts'

const prompt = 'Add things up.'

const add = defineTool({
  name: 'add',
  description: 'Adds two numbers.',
  parameters: z.object({ a: z.number(), b: z.number().default(1) }),
  result: z.object({ sum: z.number() }),
  execute: ({ a, b }) => ({ sum: a + b }),
})

const call = (name: string, parameters: object) => ({ name, arguments: parameters })

/** Runs an agent that generates text with these tools from a model that answers like this. */
async function generateWith(tools: readonly Tool[], replies: readonly ScriptedReply[]) {
  const model = createScriptedModel({ answerer: replies })
  const agent = answerer((ctx) => ctx.generate({ prompt }), { tools })
  const run = await ask(agent, model)
  return { ...run, model, told: toldResults(model.requests.at(-1) ?? { messages: [] }) }
}

describe('a round of tool calls', () => {
  it('ends with the results, as JSON, in the order of the calls', async () => {
    const { text, model, ...end } = await generateWith(
      [add],
      [{ toolCalls: [call('add', { a: 1, b: 2 }), call('add', { a: 5 })] }, { content: '3 and 6' }],
    )

    expect(text).toBe('3 and 6')
    expect(model.requests[0]?.tools).toEqual([add.spec])
    expect(model.requests[1]?.messages).toEqual([
      { role: 'user', content: prompt },
      {
        role: 'assistant',
        content: '',
        toolCalls: [
          { id: 'call_1_1', name: 'add', arguments: '{"a":1,"b":2}' },
          { id: 'call_1_2', name: 'add', arguments: '{"a":5}' },
        ],
      },
      { role: 'tool', toolCallId: 'call_1_1', content: '{"sum":3}' },
      { role: 'tool', toolCallId: 'call_1_2', content: '{"sum":6}' },
    ])
    expect(end.usage).toMatchObject({ modelCalls: 2, toolCalls: 2 })
  })

  it('runs its calls at once', async () => {
    const arrived: number[] = []
    const all = Promise.withResolvers<void>()
    const meet = defineTool({
      name: 'meet',
      description: 'Waits for the others.',
      parameters: z.object({ guest: z.number() }),
      result: z.number(),
      async execute({ guest }) {
        arrived.push(guest)
        if (arrived.length === 3) all.resolve()
        await all.promise
        return guest
      },
    })

    const { told } = await generateWith(
      [meet],
      [
        { toolCalls: [1, 2, 3].map((guest) => call('meet', { guest })) },
        { content: 'all are there' },
      ],
    )

    expect(arrived).toEqual([1, 2, 3])
    expect(told).toEqual([1, 2, 3])
  })

  it('may be followed by seven more', async () => {
    const rounds = Array.from({ length: 8 }, (_, a) => ({ toolCalls: [call('add', { a })] }))

    const { text, model } = await generateWith([add], [...rounds, { content: 'enough' }])

    expect(text).toBe('enough')
    expect(model.requests).toHaveLength(9)
  })

  it('fails the run where it is the ninth, and its calls are not made', async () => {
    const rounds = Array.from({ length: 9 }, (_, a) => ({ toolCalls: [call('add', { a })] }))

    const { model, ...end } = await generateWith([add], rounds)

    expect(end.status).toBe('failed')
    expect(end.reason).toMatch(/model '.+' still calls tools \(add\) for 'answerer' after 8 rounds/)
    expect(model.requests).toHaveLength(9)
    expect(end.usage).toMatchObject({ modelCalls: 9, toolCalls: 8 })
  })

  it('may come between corrections of the answer, with both counted apart', async () => {
    const model = createScriptedModel({
      answerer: [
        { toolCalls: [call('add', { a: 1 })] },
        { content: 'two' },
        { toolCalls: [call('add', { a: 2 })] },
        { content: 'three' },
        { output: { sum: 3 } },
      ],
    })
    const agent = answerer(
      async (ctx) => {
        const { sum } = await ctx.generate({
          prompt,
          output: z.object({ sum: z.number() }),
          toolRounds: 2,
          corrections: 2,
        })
        return `${sum}`
      },
      { tools: [add] },
    )

    expect((await ask(agent, model)).text).toBe('3')
    model.assertDone()
  })

  it('uses the tools of the question where it names some', async () => {
    const model = createScriptedModel({ answerer: [{ content: 'ok' }] })

    await ask(
      answerer((ctx) => ctx.generate({ prompt, tools: [] }), { tools: [add] }),
      model,
    )

    expect(model.requests).toMatchObject([{ tools: [] }])
  })
})

describe('a tool call that cannot be made', () => {
  it.for([
    ['arguments that are no JSON', 'add', '{"a":', /the arguments of 'add' do not fit: it is not/],
    ['arguments that do not fit', 'add', '{"a":"one"}', /'add' do not fit: a: .*expected number/],
    ['a tool that nobody has', 'subtract', '{}', /there is no tool 'subtract'; the tools are: add/],
    ['no object', 'add', 'null', /'add' do not fit: Invalid input: expected object/],
  ] as const)('because of %s is told to the model', async ([, name, text, problem]) => {
    const model = createScriptedModel({ answerer: [{ content: 'I see' }] })
    let rounds = 0

    const end = await ask(
      answerer((ctx) => ctx.generate({ prompt }), { tools: [add] }),
      {
        ...model,
        async generate(request, options) {
          if (rounds++ > 0) return model.generate(request, options)
          return {
            content: '',
            toolCalls: [{ id: '1', name, arguments: text }],
            usage: { inputTokens: 0, outputTokens: 0 },
            model: 'broken',
          }
        },
      },
    )

    expect(end.status).toBe('completed')
    expect(end.usage.toolCalls).toBe(0)
    expect(model.requests.map(toldResults)).toEqual([[{ error: expect.stringMatching(problem) }]])
  })
})

describe('a tool that throws', () => {
  const failing = (error: unknown) =>
    defineTool({
      name: 'fail',
      description: 'Fails.',
      parameters: z.object({ key: secret() }),
      result: z.null(),
      execute: () => Promise.reject(error),
    })
  const vault = defineTool({
    name: 'vault',
    description: 'Gives a key.',
    parameters: z.object({}),
    result: z.object({ key: secret() }),
    execute: () => ({ key: new Secret('hunter2-hunter2') }),
  })
  const useKey: ScriptedReply = ({ messages }) => {
    const [told] = toldResults({ messages })
    return { toolCalls: [call('fail', z.object({ key: z.string() }).parse(told))] }
  }

  it('has its error told to the model, with handles for secrets', async () => {
    const { told, records, text } = await generateWith(
      [vault, failing(new Error('the key hunter2-hunter2\n is refused'))],
      [{ toolCalls: [call('vault', {})] }, useKey, { content: 'a pity' }],
    )

    expect(text).toBe('a pity')
    expect(told[1]).toEqual({ error: expect.stringMatching(/^the key secret:\S+ is refused$/) })
    expect(JSON.stringify(records)).not.toContain('hunter2')
  })

  it('ends the delivery at once where it says that nothing can help, with handles for secrets', async () => {
    const { model, records, ...end } = await generateWith(
      [vault, failing(new TerminalError('the key hunter2-hunter2 is locked'))],
      [{ toolCalls: [call('vault', {})] }, useKey],
    )

    expect(end).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^'answerer' failed at question.asked: the key secret:\S+ is/),
    })
    expect(JSON.stringify([end, records])).not.toContain('hunter2')
    model.assertDone()
  })

  it('ends the delivery where it breaks its own result schema', async () => {
    const liar = defineTool({
      name: 'liar',
      description: 'Promises a number.',
      parameters: z.object({}),
      result: z.object({ n: z.number().max(1) }),
      execute: () => ({ n: 5 }),
    })

    const end = await generateWith([liar], [{ toolCalls: [call('liar', {})] }])

    expect(end.reason).toContain("the result of tool 'liar' broke its schema: n: Too big")
  })

  it('cannot be told from another that throws no error at all', async () => {
    const { told } = await generateWith(
      [vault, failing('just text')],
      [{ toolCalls: [call('vault', {})] }, useKey, { content: 'hm' }],
    )

    expect(told[1]).toEqual({ error: 'just text' })
  })
})
