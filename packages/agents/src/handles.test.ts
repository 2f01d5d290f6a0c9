import { Secret, secret } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type AnswererContext, answerer, ask, toldResults } from '../test/answerer.ts'
import { createScriptedModel, createVirtualRuntime, type ScriptedReply } from './testing/index.ts'
import { defineTool } from './tool.ts'

const mint = defineTool({
  name: 'mint',
  description: 'Makes keys.',
  parameters: z.object({ names: z.array(z.string()) }),
  result: z.object({ keys: z.array(z.object({ name: z.string(), value: secret() })) }),
  execute: ({ names }) => ({
    keys: names.map((name) => ({ name, value: `opened-sesame-${name}` })),
  }),
})

const opened: string[] = []
const open = defineTool({
  name: 'open',
  description: 'Opens with a key.',
  parameters: z.object({ key: secret(), note: z.string().default('') }),
  result: z.object({ length: z.number() }),
  execute({ key }) {
    opened.push(key.reveal())
    return { length: key.reveal().length }
  },
})

const Minted = z.object({ keys: z.array(z.object({ value: z.string() })) })

/** The handles that the model was told. */
function handlesIn(request: { messages: readonly { role: string; content: string }[] }): string[] {
  return toldResults(request).flatMap(
    (told) => Minted.safeParse(told).data?.keys.map(({ value }) => value) ?? [],
  )
}

const start: ScriptedReply = {
  toolCalls: [{ name: 'mint', arguments: { names: ['a', 'b'] } }],
}

/** A model that first mints two keys, and then says this of their handles. */
async function after(
  next: (handles: readonly string[]) => Exclude<ScriptedReply, Error | ((_: never) => unknown)>,
  work: (ctx: AnswererContext) => Promise<string> = (ctx) => ctx.generate({ prompt: 'Go.' }),
  runtime = createVirtualRuntime(),
) {
  const model = createScriptedModel({
    answerer: [start, (request) => next(handlesIn(request)), { content: 'done' }],
  })
  opened.length = 0
  const run = await ask(answerer(work, { tools: [mint, open] }), model, { runtime })
  return { ...run, model, told: toldResults(model.requests.at(-1) ?? { messages: [] }) }
}

describe('a secret that a tool gives', () => {
  it('is a handle for the model, each with a name of its own', async () => {
    const { model } = await after(() => ({ content: 'seen' }))
    const handles = handlesIn(model.requests[1] ?? { messages: [] })

    expect(handles).toHaveLength(2)
    expect(new Set(handles).size).toBe(2)
    expect(handles.every((handle) => /^secret:[\w-]+\S*#\d+$/.test(handle))).toBe(true)
  })

  it('is in no model request and no record', async () => {
    const { model, records, ...end } = await after((handles) => ({
      toolCalls: handles.map((key) => ({ name: 'open', arguments: { key } })),
    }))

    expect(opened).toEqual(['opened-sesame-a', 'opened-sesame-b'])
    expect(JSON.stringify([model.requests, records, end])).not.toContain('sesame')
  })
})

describe('a handle that the model passes', () => {
  it('becomes the secret where the parameter is one', async () => {
    const { told } = await after(([key = '']) => ({
      toolCalls: [{ name: 'open', arguments: { key } }],
    }))

    expect(told[1]).toEqual({ length: 'opened-sesame-a'.length })
  })

  it('is refused where nobody knows it, and the model may try again', async () => {
    const { told, ...end } = await after(() => ({
      toolCalls: [{ name: 'open', arguments: { key: 'secret:made-up#1' } }],
    }))

    expect(opened).toEqual([])
    expect(told[1]).toEqual({
      error: expect.stringContaining('no secret has the handle secret:made-up#1'),
    })
    expect(end.status).toBe('completed')
  })

  it('is refused where the parameter is not secret', async () => {
    const { told } = await after(([key = '', other = '']) => ({
      toolCalls: [{ name: 'open', arguments: { key, note: other } }],
    }))

    expect(opened).toEqual([])
    expect(told[1]).toEqual({ error: expect.stringMatching(/note: .*expected string/) })
  })

  it('of another run is refused', async () => {
    const runtime = createVirtualRuntime({ idPrefix: 'other' })
    const { model } = await after(() => ({ content: 'seen' }), undefined, runtime)
    const [foreign = ''] = handlesIn(model.requests[1] ?? { messages: [] })

    const { told } = await after(() => ({
      toolCalls: [{ name: 'open', arguments: { key: foreign } }],
    }))

    expect(foreign).toMatch(/^secret:/)
    expect(told[1]).toEqual({ error: expect.stringContaining(foreign) })
  })

  it('becomes the secret in structured output too', async () => {
    const Chosen = z.object({ key: secret() })
    const seen: unknown[] = []

    const { text } = await after(
      ([, second]) => ({ output: { key: second } }),
      async (ctx) => {
        const { key } = await ctx.generate({ prompt: 'Choose.', output: Chosen })
        seen.push(key instanceof Secret, ctx.secret(key.handle) === key)
        return key.handle
      },
    )

    expect(text).toMatch(/#2$/)
    expect(seen).toEqual([true, true])
  })
})

describe('text of the model that only begins like a handle', () => {
  it('is text where no secret is wanted', async () => {
    const model = createScriptedModel({ answerer: [{ output: { title: 'secret: a garden' } }] })

    const { text } = await ask(
      answerer(async (ctx) => {
        const Book = z.object({ title: z.string() })
        return (await ctx.generate({ prompt: 'Name a book.', output: Book })).title
      }),
      model,
    )

    expect(text).toBe('secret: a garden')
  })

  it('is no secret where one is wanted', async () => {
    const { told } = await after(() => ({
      toolCalls: [{ name: 'open', arguments: { key: 'secret: sesame' } }],
    }))

    expect(opened).toEqual([])
    expect(told[1]).toEqual({ error: expect.stringContaining('no secret has the handle') })
  })
})
