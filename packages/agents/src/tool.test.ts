import { Secret, secret } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { answerer, ask, toldResults } from '../test/answerer.ts'
import { DefinitionError } from './errors.ts'
import { createScriptedModel } from './testing/index.ts'
import { defineTool } from './tool.ts'

const nothing = z.object({})

describe('defineTool', () => {
  it('infers what execute takes and gives from the schemas', () => {
    const tool = defineTool({
      name: 'look_up',
      description: 'Looks a word up.',
      parameters: z.object({
        word: z.string(),
        languages: z.array(z.string()),
        limit: z.number().default(3),
        key: secret(),
      }),
      result: z.object({ hits: z.array(z.string()), token: secret() }),
      execute(parameters, { signal, idempotencyKey }) {
        expectTypeOf(parameters).toEqualTypeOf<{
          readonly word: string
          readonly languages: readonly string[]
          readonly limit: number
          readonly key: Secret
        }>()
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        expectTypeOf(idempotencyKey).toEqualTypeOf<string>()
        return { hits: [parameters.word], token: 'plain text becomes a secret' }
      },
    })

    expectTypeOf(tool.name).toEqualTypeOf<'look_up'>()
    expect(tool.spec.parameters).toMatchObject({
      type: 'object',
      required: expect.arrayContaining(['word', 'languages']),
      properties: { key: { type: 'string' }, limit: { default: 3 } },
    })
  })

  it('takes, in types, results with lists that cannot be changed', () => {
    const tool = defineTool({
      name: 'repeat',
      description: 'Gives back what it was given.',
      parameters: z.object({ words: z.array(z.string()) }),
      result: z.object({ words: z.array(z.string()) }),
      execute: async ({ words }) => ({ words }),
    })
    expect(tool.name).toBe('repeat')
  })

  it('refuses, in types, an execute that gives something else', () => {
    const wrong = defineTool({
      name: 'wrong',
      description: 'Gives text.',
      parameters: nothing,
      result: z.object({ n: z.number() }),
      // @ts-expect-error text is no number
      execute: () => ({ n: 'one' }),
    })
    expect(wrong.name).toBe('wrong')
  })

  it.for([['no spaces'], [''], ['x'.repeat(65)], ['umläut'], ['dot.ted']] as const)(
    "refuses the name '%s'",
    ([name]) => {
      const define = () =>
        defineTool({
          name,
          description: '',
          parameters: nothing,
          result: nothing,
          execute: () => ({}),
        })

      expect(define).toThrow(DefinitionError)
      expect(define).toThrow(`'${name}' cannot name a tool`)
    },
  )

  it('refuses parameters that are no object, or more than JSON', () => {
    const define = (parameters: z.ZodType) => () =>
      defineTool({ name: 'odd', description: '', parameters, result: nothing, execute: () => ({}) })

    expect(define(z.string())).toThrow("the parameters of tool 'odd' must be an object")
    expect(define(z.object({ at: z.date() }))).toThrow('are more than JSON Schema can say')
    expect(define(z.object({ at: z.map(z.string(), z.string()) }))).toThrow(DefinitionError)
  })
})

const shout = defineTool({
  name: 'shout',
  description: 'Shouts.',
  parameters: z.object({ text: z.string().transform((text) => `${text}!`) }),
  result: z.object({ said: z.string() }),
  execute: ({ text }) => ({ said: text.toUpperCase() }),
})

const measure = defineTool({
  name: 'measure',
  description: 'Measures text.',
  parameters: z.object({ text: z.string().transform((text) => text.length) }),
  result: z.number(),
  execute({ text }) {
    expectTypeOf(text).toEqualTypeOf<number>()
    return text * 2
  },
})

describe('parameters with a transform', () => {
  it('are transformed once for a call of the model', async () => {
    const model = createScriptedModel({
      answerer: [
        {
          toolCalls: [
            { name: 'shout', arguments: { text: 'hey' } },
            { name: 'measure', arguments: { text: 'four' } },
          ],
        },
        { content: 'done' },
      ],
    })

    await ask(
      answerer((ctx) => ctx.generate({ prompt: 'Go.' }), { tools: [shout, measure] }),
      model,
    )

    expect(model.requests.at(-1)).toSatisfy((request) => {
      expect(toldResults(request)).toEqual([{ said: 'HEY!' }, 8])
      return true
    })
  })

  it('are transformed once for a call of the handler', async () => {
    const { text } = await ask(
      answerer(async (ctx) => {
        const { said } = await ctx.call(shout, { text: 'hey' })
        return `${said} ${await ctx.call(measure, { text: 'four' })}`
      }),
      createScriptedModel({}),
    )

    expect(text).toBe('HEY! 8')
  })
})

describe('ctx.call', () => {
  const keep = defineTool({
    name: 'keep',
    description: 'Keeps a secret.',
    parameters: z.object({ key: secret(), days: z.int().min(1).default(7) }),
    result: z.object({ key: secret(), days: z.number() }),
    execute: ({ key, days }) => ({ key, days }),
  })

  it('takes what the schema takes and gives what it gives', async () => {
    const { text, ...end } = await ask(
      answerer(async (ctx) => {
        const kept = await ctx.call(keep, { key: new Secret('hunter2-hunter2') })
        expectTypeOf(kept).toEqualTypeOf<{ readonly key: Secret; readonly days: number }>()
        return `${kept.key.reveal() === 'hunter2-hunter2'} ${kept.days}`
      }),
      createScriptedModel({}),
    )

    expect(text).toBe('true 7')
    expect(end.usage).toMatchObject({ modelCalls: 0, toolCalls: 1 })
  })

  it('refuses what does not fit, before anything is done', async () => {
    const end = await ask(
      answerer(
        async (ctx) => {
          // @ts-expect-error days are a number
          await ctx.call(keep, { key: 'k', days: 'many' })
          return ''
        },
        { attempts: 1 },
      ),
      createScriptedModel({}),
    )

    expect(end.status).toBe('failed')
    expect(end.usage.toolCalls).toBe(0)
  })

  it('throws what the tool throws', async () => {
    const fail = defineTool({
      name: 'fail',
      description: 'Fails.',
      parameters: nothing,
      result: nothing,
      execute: () => Promise.reject(new RangeError('too far')),
    })

    const { text } = await ask(
      answerer((ctx) => ctx.call(fail, {}).then(String, String)),
      createScriptedModel({}),
    )

    expect(text).toBe('RangeError: too far')
  })
})

describe('ctx.results', () => {
  it('gives the calls that had a result, of the model and the handler, with their types', async () => {
    const half = defineTool({
      name: 'half',
      description: 'Halves an even number.',
      parameters: z.object({ n: z.number() }),
      result: z.object({ half: z.number() }),
      execute({ n }) {
        if (n % 2 === 1) throw new Error('odd')
        return { half: n / 2 }
      },
    })
    const model = createScriptedModel({
      answerer: [
        { toolCalls: [2, 3, 4].map((n) => ({ name: 'half', arguments: { n } })) },
        { content: 'done' },
      ],
    })

    const { text } = await ask(
      answerer(
        async (ctx) => {
          expect(ctx.results(half)).toEqual([])
          await ctx.generate({ prompt: 'Halve.' })
          await ctx.call(half, { n: 6 })
          expectTypeOf(ctx.results(half)).toEqualTypeOf<
            readonly {
              readonly parameters: { readonly n: number }
              readonly result: { readonly half: number }
            }[]
          >()
          expect(ctx.results(shout)).toEqual([])
          return ctx
            .results(half)
            .map(({ parameters, result }) => `${parameters.n}:${result.half}`)
            .join(' ')
        },
        { tools: [half] },
      ),
      model,
    )

    expect(text).toBe('2:1 4:2 6:3')
  })
})
