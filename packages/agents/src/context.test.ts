import { createBus, defineMessage, Secret, TerminalError } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { Answered, Asked, answerer, ask } from '../test/answerer.ts'
import { type Agent, defineAgent } from './agent.ts'
import { createContext } from './context.ts'
import { DefinitionError } from './errors.ts'
import { to } from './routes.ts'
import { createScriptedModel } from './testing/index.ts'
import { defineTool } from './tool.ts'

const Noted = defineMessage('note.taken', z.object({ note: z.string() }))

function playAll(agents: readonly Agent[]) {
  const bus = createBus()
  for (const agent of agents) {
    bus.subscribe(agent.role, {
      ...agent,
      handle: (message, delivery) =>
        agent.handle(message, createContext(agent, delivery, createScriptedModel({}))),
    })
  }
  return bus
}

describe('ctx.context', () => {
  it('is the causal past of the message and nothing that happened beside it', async () => {
    const seen: string[][] = []
    const bothThere = Promise.withResolvers<void>()
    const first = defineAgent({
      role: 'first',
      description: 'Takes a note.',
      accepts: [Asked],
      emits: [to('last', Noted)],
      async handle({ data }, ctx) {
        await bothThere.promise
        ctx.handoff('last', Noted, { note: data })
      },
    })
    const last = defineAgent({
      role: 'last',
      description: 'Answers when it has seen both notes.',
      accepts: [Noted],
      emits: [to('coordinator', Answered)],
      handle(_message, ctx) {
        const { request, history, latest } = ctx.context
        seen.push(history.map(({ type, data }) => `${type} ${JSON.stringify(data)}`))
        expectTypeOf(latest(Noted)?.data).toEqualTypeOf<{ readonly note: string } | undefined>()
        expect(latest(Noted)).toBe(history.at(-1))
        expect(latest(Answered)).toBeUndefined()
        expect(request).toBe(history[0])
        if (seen.length === 2) ctx.handoff('coordinator', Answered, { text: 'both' })
      },
    })
    await using bus = playAll([first, last])

    const run = bus.publish('first', Asked, 'one', { terminal: Answered })
    await run.publish('first', Asked, 'two')
    bothThere.resolve()
    const end = await run.result

    expect(end).toMatchObject({ status: 'completed' })
    expect(seen).toEqual([
      ['question.asked "one"', 'note.taken {"note":"one"}'],
      ['question.asked "one"', 'question.asked "two"', 'note.taken {"note":"two"}'],
    ])
  })

  it('ends with the message itself', async () => {
    const seen: unknown[] = []
    const agent = answerer((ctx) => {
      seen.push(ctx.context.history.map(({ from, to: role }) => `${from} → ${role}`))
      return 'done'
    })

    await ask(agent, createScriptedModel({}))

    expect(seen).toEqual([['coordinator → answerer']])
  })
})

describe('ctx', () => {
  it('performs any other effect as a step, and gives its frozen result', async () => {
    const { text, records } = await ask(
      answerer(async (ctx) => {
        const found = await ctx.step('look', { at: 'shelf' }, () => ({ books: ['Emma'] }))
        expectTypeOf(found).toEqualTypeOf<{ readonly books: readonly string[] }>()
        return `${found.books.join()} ${Object.isFrozen(found.books)}`
      }),
      createScriptedModel({}),
    )

    expect(text).toBe('Emma true')
    expect(records.filter(({ kind }) => kind === 'step')).toMatchObject([
      { stepKind: 'effect', name: 'look', request: { at: 'shelf' } },
    ])
  })

  it('writes lines with handles for secrets, in text and data', async () => {
    const { records } = await ask(
      answerer(async (ctx) => {
        const key = await ctx.step('mint', null, () => new Secret('hunter2-hunter2'))
        ctx.log('it is hunter2-hunter2, or {key}', { key })
        return key.handle
      }),
      createScriptedModel({}),
    )

    const [line] = records.filter(({ kind }) => kind === 'log')
    expect(line).toMatchObject({ role: 'answerer', text: expect.stringMatching(/^it is secret:/) })
    expect(JSON.stringify(records)).not.toContain('hunter2')
  })

  it('knows the secrets of its run by their handles', async () => {
    const { text } = await ask(
      answerer(async (ctx) => {
        const key = await ctx.step('mint', null, () => new Secret('hunter2-hunter2'))
        return `${ctx.secret(key.handle) === key} ${ctx.secret('secret:other#1')}`
      }),
      createScriptedModel({}),
    )

    expect(text).toBe('true undefined')
  })

  it('throws when the attempt is over, whatever is called', async () => {
    const kept: unknown[] = []
    const late = Promise.withResolvers<string>()
    const agent = answerer((ctx) => {
      queueMicrotask(async () => {
        await new Promise((resolve) => setImmediate(resolve))
        const attempts = [
          () => ctx.generate({ prompt: 'late' }),
          () => ctx.step('late', null, () => 1),
          async () => ctx.log('late'),
          async () => ctx.handoff('coordinator', Answered, { text: 'late' }),
        ]
        for (const attempt of attempts) kept.push(await attempt().catch(String))
        late.resolve('')
      })
      return 'in time'
    })

    await ask(agent, createScriptedModel({}))
    await late.promise

    expect(kept).toEqual(
      Array.from({ length: 4 }, () => expect.stringMatching(/^AttemptClosedError: .*is over/)),
    )
  })

  it('leaves the process alone where a handler does not await a call or an answer', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listener)
    const look = defineTool({
      name: 'look',
      description: 'Looks.',
      parameters: z.object({}),
      result: z.null(),
      execute: () => null,
    })
    const forgetful = defineAgent({
      role: 'forgetful',
      description: 'Forgets to wait.',
      accepts: [Asked],
      emits: [to('coordinator', Answered)],
      handle(_message, ctx) {
        void ctx.call(look, {})
        void ctx.generate({ prompt: 'hello' })
        ctx.handoff('coordinator', Answered, { text: 'done' })
      },
    })
    await using bus = playAll([forgetful])

    const { status } = await bus.publish('forgetful', Asked, 'x', { terminal: Answered }).result
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listener)

    expect(status).toBe('completed')
    expect(unhandled).toEqual([])
  })

  it('hands off once, and what does not fit is refused at once', async () => {
    const errors: string[] = []
    const agent = defineAgent({
      role: 'answerer',
      description: 'Answers badly, then well.',
      accepts: [Asked],
      emits: [to('coordinator', Answered)],
      handle(_message, ctx) {
        try {
          // @ts-expect-error a number is no text
          ctx.handoff('coordinator', Answered, { text: 1 })
        } catch (error) {
          errors.push(String(error))
        }
        const id = ctx.handoff('coordinator', Answered, { text: 'well' }, 'Here you are.')
        errors.push(id)
        expect(() => ctx.handoff('coordinator', Answered, { text: 'again' })).toThrow(
          'a handler hands off once',
        )
      },
    })

    const { text, ...end } = await ask(agent, createScriptedModel({}))

    expect(errors).toEqual([
      expect.stringMatching(/InvalidMessageError: .*'question.answered' refused: text: /),
      end.handoff?.id,
    ])
    expect(end.handoff?.content).toBe('Here you are.')
    expect(text).toBe('well')
  })

  it('has no way back from a TerminalError', async () => {
    let attempts = 0
    const end = await ask(
      answerer(() => {
        attempts++
        throw new TerminalError('hopeless')
      }),
      createScriptedModel({}),
    )

    expect(attempts).toBe(1)
    expect(end.reason).toBe("'answerer' failed at question.asked: hopeless")
  })
})

describe('defineAgent', () => {
  const parts = { description: 'x', accepts: [Asked], emits: [], handle: () => {} }

  it.for([['Writer'], ['coordinator'], [''], ['a b'], ['a_b'], ['-a'], ['1a']] as const)(
    "refuses the role '%s'",
    ([role]) => {
      expect(() => defineAgent({ ...parts, role })).toThrow(DefinitionError)
    },
  )

  it('refuses an agent that accepts nothing', () => {
    expect(() => defineAgent({ ...parts, role: 'deaf', accepts: [] })).toThrow("'deaf' accepts")
  })

  it('refuses two tools of one name', () => {
    const tool = defineTool({
      name: 'look',
      description: 'Looks.',
      parameters: z.object({}),
      result: z.null(),
      execute: () => null,
    })

    expect(() => defineAgent({ ...parts, role: 'twice', tools: [tool, tool] })).toThrow(
      "'twice' has two tools named 'look'",
    )
  })

  it('takes the description as instructions where there are none', () => {
    expect(defineAgent({ ...parts, role: 'quiet' })).toMatchObject({ instructions: 'x', tools: [] })
  })
})
