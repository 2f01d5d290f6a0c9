import { AssertionError } from 'node:assert'
import { createMemoryJournal, defineMessage, Secret, secret, TerminalError } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Answered, type AnswererContext, Asked, answerer, recordsOf } from '../../test/answerer.ts'
import { startProcess } from '../../test/process.ts'
import { type Agent, defineAgent } from '../agent.ts'
import { createOfflineModel } from '../offline/offline-model.ts'
import { passwordTeam } from '../password-team/team.ts'
import { to } from '../routes.ts'
import { defineTool } from '../tool.ts'
import { checkDeterminism, createScriptedModel, message, runAgent, runTeam } from './index.ts'

type Work = (ctx: AnswererContext) => string | Promise<string>

const calls: string[] = []
const note = defineTool({
  name: 'note',
  description: 'Takes a note.',
  parameters: z.object({ text: z.string() }),
  result: z.object({ length: z.number(), seal: secret() }),
  execute({ text }) {
    calls.push(text)
    if (text === 'bad') throw new Error('a bad note')
    return { length: text.length, seal: `sealed-${text}` }
  },
})
const pay = { ...note, name: 'pay', spec: { ...note.spec, name: 'pay' }, once: true }

/** Runs an agent that works like this with a model that answers like this, and checks it. */
async function check(work: Work, replies: readonly object[] = [{ content: 'one' }]) {
  const texts = replies.map((reply) => ({ content: '', ...reply }))
  const agent = answerer(work, { tools: [note, pay] })
  const run = await runAgent(agent, 'why?', { model: createScriptedModel({ answerer: texts }) })
  calls.length = 0
  await checkDeterminism(run)
  return run
}

/** What the check says of it. */
async function verdictOn(work: Work, replies?: readonly object[]): Promise<AssertionError> {
  const error = await check(work, replies).catch((caught: unknown) => caught)
  if (error instanceof AssertionError) return error
  throw new Error(`no AssertionError but ${error}`)
}

describe('an honest handler passes', () => {
  it('with parallel model requests, tools, secrets, logs, its own time and its own chance', async () => {
    const { status } = await check(
      async (ctx) => {
        const before = ctx.now()
        const [text, first, second] = await Promise.all([
          ctx.generate({ prompt: `Now it is ${ctx.now()}` }),
          ctx.call(note, { text: `${ctx.random()}` }),
          ctx.step('count', { of: ctx.random() }, () => 7),
        ])
        ctx.log('Took {seal} at {before}', { seal: first.seal, before })
        const own = new Secret('own-secret')
        const kept = await ctx.step('keep', { own }, () => own)
        return [text, first.length, first.seal.handle, second, kept.handle, ctx.now()].join()
      },
      [{ content: 'one', delayMs: 40 }],
    )

    expect(status).toBe('completed')
    expect(calls).toEqual([])
  })

  it('with rounds of tool calls, `once` or not, that fail or not', async () => {
    const call = (name: string, text: string) => ({ name, arguments: { text } })
    const run = await check(
      (ctx) => ctx.generate({ prompt: 'Go.' }),
      [
        { toolCalls: [call('note', 'a'), call('pay', 'b'), call('note', 'bad')] },
        { toolCalls: [call('pay', 'bad'), call('pay', 'c')] },
        { content: 'done' },
      ],
    )

    expect(run.usage).toMatchObject({ modelCalls: 3, toolCalls: 5 })
    expect(calls).toEqual([])
  })

  it('at its later attempt, which is the one that is checked', async () => {
    const run = await check(
      async (ctx) => {
        await ctx.call(pay, { text: 'once in all attempts' })
        const text = await ctx.generate({ prompt: `Attempt ${ctx.attempt}, ${ctx.random()}` })
        if (ctx.attempt < 3) throw new Error('not yet')
        return `${text} ${ctx.now()}`
      },
      [{ content: '1' }, { content: '2' }, { content: '3' }],
    )

    expect(run.status).toBe('completed')
    expect(run.usage).toMatchObject({ modelCalls: 3, toolCalls: 1 })
  })

  it('that fails, for good or in all its attempts', async () => {
    await check(() => {
      throw new TerminalError('hopeless')
    })
    await check(async (ctx) => {
      await ctx.step('try', null, () => {
        throw new Error('no luck')
      })
      return 'never'
    }, [])
    await check((ctx) => ctx.generate({ prompt: 'x' }), [])
    await check((ctx) => ctx.generate({ prompt: 'x' }), [{ content: 'late', delayMs: 1_000_000 }])
    await check(async (ctx) => {
      const forever = ctx.step('slow', null, () => new Promise<string>(() => {}))
      const broken = ctx.step('broken', null, () => Promise.reject(new TerminalError('no luck')))
      return (await Promise.all([forever, broken])).join()
    })
  })

  it('within the bounds of its generations', async () => {
    const agent = answerer(async (ctx) =>
      String(await ctx.generate({ prompt: 'Roll.', output: z.number() })),
    )
    const model = createScriptedModel({ answerer: [{ content: 'no number' }] })

    const run = await runAgent(agent, 'why?', { model, corrections: 0 })

    expect(run.status).toBe('failed')
    await checkDeterminism(run)
  })

  it('whose run had a budget, a deadline and a past', async () => {
    const Noted = defineMessage('note.taken', z.object({ note: z.string() }))
    const reader = defineAgent({
      role: 'reader',
      description: 'Reads what led to it.',
      accepts: [Noted],
      emits: [to('coordinator', Answered)],
      async handle({ data }, ctx) {
        await ctx.generate({ prompt: data.note })
        ctx.handoff('coordinator', Answered, { text: ctx.context.latest(Asked)?.data ?? '' })
      },
    })
    const run = await runAgent(
      reader,
      { note: 'x' },
      {
        past: [message(Asked, 'why?')],
        model: createScriptedModel({ reader: [{ content: 'y', delayMs: 900 }] }),
        maxTokens: 100,
        timeoutMs: 1_000,
      },
    )

    expect(run).toMatchObject({ status: 'completed', handoff: { data: { text: 'why?' } } })
    await checkDeterminism(run)
  })

  it('of the password team', async () => {
    const team = passwordTeam()
    await checkDeterminism(await runTeam(team, '2 PINs'))
  })

  it('of runs that a journal has, several of them', async () => {
    const journal = createMemoryJournal()
    const team = passwordTeam()
    const { bus } = startProcess(journal, team.agents, createOfflineModel(team.agents))
    await using _ = bus
    const { entry, terminal } = team
    await Promise.all(
      ['a PIN', 'another PIN'].map(
        (request) => bus.publish(entry.to, entry.type, request, { terminal }).result,
      ),
    )

    await checkDeterminism({ agents: team.agents, records: await recordsOf(journal) })
  })
})

describe('a handler is found out that', () => {
  let count = 0

  it('reads the clock of the machine into what it hands off', async () => {
    const { message: text, expected, actual } = await verdictOn(() => `${Date.now()}`)

    expect(text).toMatch(
      /^'answerer' does something else when it handles question.asked \(run-2\) again on its recorded steps: the data of question.answered differs: expected {"text":"\d+"}, got {"text":"\d+"}; .* ctx.now\(\), ctx.random\(\) or a step$/,
    )
    expect(expected).not.toEqual(actual)
  })

  it('asks the model something else each time', async () => {
    const found = await verdictOn((ctx) => ctx.generate({ prompt: `Roll ${Math.random()}` }))

    expect(found.message).toMatch(/step 1 asks for something else: expected model 'scripted' {/)
  })

  it('calls a tool with other arguments', async () => {
    const found = await verdictOn(async (ctx) => {
      await ctx.generate({ prompt: 'fine' })
      await ctx.call(note, { text: `${Math.random()}` })
      return 'done'
    })

    expect(found.message).toMatch(/step 2 asks .*: expected tool 'note' {"text":"0\..*"}, got tool/)
    expect(calls).toEqual([])
  })

  it('counts outside of itself', async () => {
    const found = await verdictOn(() => `${++count}`)

    expect(found.message).toContain('the data of question.answered differs')
  })

  it('asks for its steps in another order', async () => {
    const steps = ['left', 'right']
    const found = await verdictOn(async (ctx) => {
      steps.reverse()
      for (const name of steps) await ctx.step(name, null, () => name)
      return 'done'
    })

    expect(found).toMatchObject({ expected: "effect 'right' null", actual: "effect 'left' null" })
  })

  it('asks for one step more, which is not performed', async () => {
    let runs = 0
    const performed: string[] = []
    const found = await verdictOn(async (ctx) => {
      await ctx.step('always', null, () => 1)
      if (runs++ > 0) await ctx.step('more', { at: 2 }, () => performed.push('more'))
      return 'done'
    })

    expect(found.message).toContain(
      `step 2 is not in the record: expected no step, got effect 'more' {"at":2}`,
    )
    expect(performed).toEqual([])
  })

  it('asks for one step less', async () => {
    let runs = 0
    const found = await verdictOn(async (ctx) => {
      await ctx.step('always', null, () => 1)
      if (runs++ === 0) await ctx.step('once', null, () => 2)
      return 'done'
    })

    expect(found.message).toContain(
      "step 2 is not asked for again: expected effect 'once' null, got no step",
    )
  })

  it('waits for a step that it does not ask for', async () => {
    let runs = 0
    const found = await verdictOn(async (ctx) => {
      const slow = ctx.step('slow', null, async () => {
        for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
        return 1
      })
      if (runs++ === 0) await ctx.step('fast', null, () => 2)
      await slow
      return 'done'
    })

    expect(found.message).toContain('step 2 is not asked for again')
  })

  it('does not wait for a step', async () => {
    const found = await verdictOn(async (ctx) => {
      ctx.step('forgotten', null, () => new Promise(() => {})).catch(() => {})
      return 'done'
    })

    expect(found.message).toContain(
      "step 1 was not awaited: expected its result, got effect 'forgotten' null",
    )
  })

  it('logs something else, in text or data, or another number of lines', async () => {
    const texts = await verdictOn((ctx) => {
      ctx.log('fine')
      ctx.log(`it is ${Date.now()}`)
      return 'done'
    })
    const data = await verdictOn((ctx) => {
      ctx.log('now', { now: Date.now() })
      return 'done'
    })
    const lines = await verdictOn((ctx) => {
      for (let line = 0; line <= count % 2; line++) ctx.log('line')
      count++
      return 'done'
    })

    expect(texts.message).toMatch(
      /line 2 of its log differs: expected {"data":{},"text":"it is \d+/,
    )
    expect(data.message).toContain('line 1 of its log differs')
    expect(lines.message).toMatch(/line 2 of its log differs: .*no line/)
  })

  it('makes a secret of chance, and the values stay secret', async () => {
    const KeyMade = defineMessage('key.made', z.object({ key: secret() }))
    const values: string[] = []
    const maker = defineAgent({
      role: 'maker',
      description: 'Makes a key.',
      accepts: [Asked],
      emits: [to('coordinator', KeyMade)],
      handle(_message, ctx) {
        values.push(`${Math.random()}`)
        ctx.handoff('coordinator', KeyMade, { key: values.at(-1) ?? '' })
      },
    })
    const run = await runAgent(maker, 'go')

    const error = await checkDeterminism(run).catch((caught: unknown) => caught)

    const said =
      error instanceof AssertionError ? [error.message, error.actual, error.expected] : []
    expect(String(said)).toContain('the data of key.made differs in the value of a secret')
    for (const value of values) expect(JSON.stringify(said)).not.toContain(value)
  })

  it('hands off to somebody else, or nothing, or fails instead', async () => {
    const moody = (moods: readonly string[]): Agent => {
      let runs = 0
      return defineAgent({
        role: 'moody',
        description: 'Does what it likes.',
        accepts: [Asked],
        emits: [to('a', Asked), to('b', Asked)],
        handle(_message, ctx) {
          const mood = moods[runs++]
          if (mood === 'throw') throw new TerminalError('in a bad mood')
          if (mood === 'a' || mood === 'b') ctx.handoff(mood, Asked, 'you')
        },
      })
    }
    const said = async (...moods: string[]) => {
      const run = await runAgent(moody(moods), 'go')
      return checkDeterminism(run).catch((error: unknown) => String(error))
    }

    expect(await said('a', 'b')).toContain(
      "it ends differently: expected hands question.asked to 'a' as \"~.h\", got hands question.asked to 'b'",
    )
    expect(await said('a', 'nothing')).toContain('got hands nothing off')
    expect(await said('nothing', 'throw')).toContain('got fails with terminal: in a bad mood')
    expect(await said('throw', 'throw')).toBeUndefined()
  })

  it('fails with other words', async () => {
    const found = await verdictOn(() => {
      throw new TerminalError(`failed at ${Date.now()}`)
    })

    expect(found.message).toMatch(/it ends differently: expected fails with terminal: failed at \d/)
  })
})

describe('the check', () => {
  it('refuses records in which there is nothing to check', async () => {
    await expect(checkDeterminism({ agents: [], records: [] })).rejects.toThrow('nothing to check')
  })
})
