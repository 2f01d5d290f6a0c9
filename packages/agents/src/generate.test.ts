import { TerminalError } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { answerer, ask } from '../test/answerer.ts'
import { ModelError } from './model-error.ts'
import { createScriptedModel } from './testing/index.ts'

const prompt = 'Why is the sky blue?'

describe('a question to the model', () => {
  it('gives the text that the model answers', async () => {
    const model = createScriptedModel({ answerer: [{ content: 'Rayleigh.' }] })

    const { text, ...end } = await ask(
      answerer((ctx) => ctx.generate({ prompt })),
      model,
    )

    expect(end.status).toBe('completed')
    expect(text).toBe('Rayleigh.')
    model.assertDone()
  })

  it('says who asks, what for and with which settings, and nothing that is not set', async () => {
    const model = createScriptedModel({ answerer: [{ content: 'a' }, { content: 'b' }] })
    const plain = answerer((ctx) => ctx.generate({ prompt }))
    const tuned = answerer((ctx) => ctx.generate({ prompt }), {
      instructions: 'Be brief.',
      model: 'gpt-small',
      temperature: 0,
      maxTokens: 12,
    })

    await ask(plain, model)
    await ask(tuned, model)

    const messages = [{ role: 'user', content: prompt }]
    expect(model.requests).toEqual([
      { agent: 'answerer', instructions: 'Answers a question.', messages, tools: [] },
      {
        agent: 'answerer',
        instructions: 'Be brief.',
        messages,
        tools: [],
        model: 'gpt-small',
        temperature: 0,
        maxTokens: 12,
      },
    ])
  })

  it('may have instructions of its own', async () => {
    const model = createScriptedModel({ answerer: [{ content: 'a' }] })

    await ask(
      answerer((ctx) => ctx.generate({ prompt, instructions: 'Rhyme.' })),
      model,
    )

    expect(model.requests).toMatchObject([{ instructions: 'Rhyme.' }])
  })

  it('may be one of several at once', async () => {
    const model = createScriptedModel({
      answerer: [{ content: 'one' }, { content: 'two' }, { content: 'three' }],
    })

    const { text } = await ask(
      answerer(async (ctx) => {
        const answers = await Promise.all([1, 2, 3].map((n) => ctx.generate({ prompt: `${n}` })))
        return answers.join(' ')
      }),
      model,
    )

    expect(text).toBe('one two three')
  })

  it('counts its tokens for the run, over all attempts', async () => {
    const model = createScriptedModel({ answerer: [{ content: 'four' }, { content: 'four' }] })
    const usages = { inputTokens: 0, outputTokens: 0 }

    const end = await ask(
      answerer(async (ctx) => {
        await ctx.generate({ prompt })
        if (ctx.attempt === 1) throw new Error('once more')
        return 'done'
      }),
      {
        ...model,
        async generate(request, options) {
          const response = await model.generate(request, options)
          usages.inputTokens += response.usage.inputTokens
          usages.outputTokens += response.usage.outputTokens
          return response
        },
      },
    )

    expect(usages.outputTokens).toBeGreaterThan(0)
    expect(end.usage).toEqual({ ...usages, modelCalls: 2, toolCalls: 0 })
  })
})

describe('a model request that fails', () => {
  it('ends the run as failed at once where the model has given up', async () => {
    const refused = new ModelError('the key was refused: check the key', {
      code: 'model_unauthorized',
      endpoint: 'http://models.example/v1',
      model: 'gpt-test',
      status: 401,
    })
    const model = createScriptedModel({ answerer: [refused] })

    const { records, ...end } = await ask(
      answerer((ctx) => ctx.generate({ prompt })),
      model,
    )

    expect(end).toMatchObject({
      status: 'failed',
      reason: "'answerer' failed at question.asked: the key was refused: check the key",
    })
    expect(model.requests).toHaveLength(1)
    expect(records.filter(({ kind }) => kind === 'settle')).toMatchObject([
      { outcome: 'dead', reason: 'terminal', attempt: 1, error: { code: 'model_unauthorized' } },
    ])
  })

  it('is a plain failure where the model breaks its word, and tried again', async () => {
    const model = createScriptedModel({ answerer: [new TypeError('oops'), { content: 'fine' }] })

    const { text } = await ask(
      answerer((ctx) => ctx.generate({ prompt })),
      model,
    )

    expect(text).toBe('fine')
    expect(model.requests).toHaveLength(2)
  })

  it('may be caught by the handler, which goes on', async () => {
    const model = createScriptedModel({ answerer: [new TerminalError('no model today')] })

    const { text } = await ask(
      answerer((ctx) => ctx.generate({ prompt }).catch((error: unknown) => String(error))),
      model,
    )

    expect(text).toBe('TerminalError: no model today')
  })

  it('is aborted when its run is', async () => {
    const stop = new AbortController()
    const asked = Promise.withResolvers<AbortSignal>()
    const cancelled = ask(
      answerer((ctx) => ctx.generate({ prompt })),
      {
        name: 'slow',
        generate: (_request, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason))
            asked.resolve(signal)
          }),
      },
      { signal: stop.signal },
    )

    const signal = await asked.promise
    expect(signal.aborted).toBe(false)
    stop.abort(new Error('no longer wanted'))
    const { records, ...end } = await cancelled

    expect(signal.aborted).toBe(true)
    expect(end).toMatchObject({ status: 'cancelled', reason: 'cancelled: no longer wanted' })
    expect(records.filter(({ kind }) => kind === 'step')).toEqual([])
  })
})

describe('a handler that throws', () => {
  it('is tried again with a new model request', async () => {
    const model = createScriptedModel({
      answerer: [{ content: 'bad' }, { content: 'bad' }, { content: 'good' }],
    })

    const { text, records } = await ask(
      answerer(async (ctx) => {
        const answer = await ctx.generate({ prompt })
        if (answer === 'bad') throw new Error('that was bad')
        return `${answer} at attempt ${ctx.attempt}`
      }),
      model,
    )

    expect(text).toBe('good at attempt 3')
    expect(records.filter(({ kind }) => kind === 'settle')).toMatchObject([
      { outcome: 'failed', error: { message: 'that was bad' } },
      { outcome: 'failed' },
      { outcome: 'done' },
    ])
  })

  it('fails the run after its last attempt, saying why', async () => {
    const end = await ask(
      answerer(() => Promise.reject(new Error('broken')), { attempts: 2 }),
      createScriptedModel({}),
    )

    expect(end).toMatchObject({
      status: 'failed',
      reason:
        "'answerer' failed at question.asked in each of 2 attempts, the last time with: broken",
    })
  })
})
