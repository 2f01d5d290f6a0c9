import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { answerer, ask } from '../test/answerer.ts'
import { createScriptedModel, type ScriptedReply } from './testing/index.ts'

const prompt = 'Roll.'
const Dice = z.object({ dice: z.array(z.int().min(1).max(6)).length(2) })

/** Runs an agent that wants dice from a model that answers with these. */
async function roll(replies: readonly ScriptedReply[], corrections?: number) {
  const model = createScriptedModel({ answerer: replies })
  const agent = answerer(async (ctx) => {
    const { dice } = await ctx.generate({
      prompt,
      output: Dice,
      ...(corrections === undefined ? {} : { corrections }),
    })
    expectTypeOf(dice).toEqualTypeOf<readonly number[]>()
    return dice.join('+')
  })
  return { model, ...(await ask(agent, model)) }
}

describe('structured output', () => {
  it('is asked for by its JSON Schema, and parsed', async () => {
    const { text, model } = await roll([{ output: { dice: [1, 6] } }])

    expect(text).toBe('1+6')
    expect(model.requests).toMatchObject([
      {
        output: {
          name: 'answerer-answer',
          schema: { type: 'object', required: ['dice'], additionalProperties: false },
        },
      },
    ])
  })

  it.for([
    ['a fence', '```json\n{"dice":[1,6]}\n```'],
    ['a fence without a language', '```\n{"dice":[1,6]}\n```\n'],
    ['a fence with Windows line ends', ' ```json\r\n{"dice":[1,6]}\r\n``` '],
    ['remarks around a fence', 'Here it is:\n\n```json\n{"dice":[1,6]}\n```\nHave fun!'],
    ['thoughts before it', '<think>\n{"dice":[6,6]}?\n</think>\n\n{"dice":[1,6]}'],
    ['thoughts and a fence', '<think></think>```json\n{"dice":[1,6]}\n```'],
    ['white space', '\n\n {"dice":\n[1,6]}  \n'],
  ] as const)('is read out of %s', async ([, content]) => {
    const { text, model } = await roll([{ content }])

    expect(text).toBe('1+6')
    expect(model.requests).toHaveLength(1)
  })

  it('loses what its schema does not name', async () => {
    const Any = z.object({ a: z.string() })
    const model = createScriptedModel({ answerer: [{ output: { a: 'x', b: 'y' } }] })

    const { text } = await ask(
      answerer(async (ctx) => JSON.stringify(await ctx.generate({ prompt, output: Any }))),
      model,
    )

    expect(text).toBe('{"a":"x"}')
  })
})

describe('an answer that does not fit', () => {
  it('is corrected by the model, which is told what is wrong', async () => {
    const { text, model } = await roll([
      { output: { dice: [1, 7] } },
      { content: 'A one and a six!' },
      { output: { dice: [1, 6] } },
    ])

    expect(text).toBe('1+6')
    expect(model.requests.map(({ messages }) => messages.length)).toEqual([1, 3, 5])
    expect(model.requests.at(-1)?.messages).toEqual([
      { role: 'user', content: prompt },
      { role: 'assistant', content: '{"dice":[1,7]}' },
      {
        role: 'user',
        content: expect.stringMatching(/^Your answer does not fit: dice\.1: Too big.*<=6\./),
      },
      { role: 'assistant', content: 'A one and a six!' },
      { role: 'user', content: expect.stringContaining('it is not JSON') },
    ])
  })

  it('fails the run after two corrections, without a further attempt', async () => {
    const { model, records, ...end } = await roll([
      { content: 'no' },
      { content: 'no' },
      { output: { dice: [1] } },
    ])

    expect(end.status).toBe('failed')
    expect(end.reason).toMatch(/'answerer' did not fit after 2 corrections: dice: Too small/)
    expect(model.requests).toHaveLength(3)
    expect(end.usage.modelCalls).toBe(3)
    expect(records.filter(({ kind }) => kind === 'settle')).toMatchObject([
      { outcome: 'dead', reason: 'terminal', error: { code: 'schema_never_satisfied' } },
    ])
  })

  it('fails at once where no correction is allowed', async () => {
    const { model, ...end } = await roll([{ content: 'no' }], 0)

    expect(end.status).toBe('failed')
    expect(model.requests).toHaveLength(1)
  })

  it('fails as often as the limits of all generations say', async () => {
    const model = createScriptedModel({ answerer: [{ content: 'no' }, { content: 'no' }] })

    const end = await ask(
      answerer(async (ctx) => `${await ctx.generate({ prompt, output: Dice })}`),
      model,
      { corrections: 1 },
    )

    expect(end.reason).toContain('after 1 corrections')
    model.assertDone()
  })
})
