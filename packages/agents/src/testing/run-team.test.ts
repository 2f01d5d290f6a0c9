import { defineMessage, InvalidMessageError, TerminalError } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../agent.ts'
import { defineListener, type Listener } from '../listener.ts'
import { passwordTeam } from '../password-team/team.ts'
import { to } from '../routes.ts'
import { defineTeam } from '../team.ts'
import { createScriptedModel, runTeam, seededRandomInt } from './index.ts'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage('text.drafted', z.object({ text: z.string() }))
const Answered = defineMessage('question.answered', z.object({ answer: z.string() }))

const team = defineTeam({
  name: 'writers',
  agents: [
    defineAgent({
      role: 'writer',
      description: 'Writes.',
      accepts: [Asked],
      emits: [to('editor', Drafted)],
      async handle({ data }, ctx) {
        ctx.handoff('editor', Drafted, { text: await ctx.generate({ prompt: data }) })
      },
    }),
    defineAgent({
      role: 'editor',
      description: 'Edits.',
      accepts: [Drafted],
      emits: [to('coordinator', Answered)],
      async handle({ data }, ctx) {
        ctx.handoff('coordinator', Answered, { answer: await ctx.generate({ prompt: data.text }) })
      },
    }),
  ],
  entry: to('writer', Asked),
  terminal: Answered,
  context: { draft: Drafted, answer: Answered },
})

describe('runTeam', () => {
  it('gives the output and the named fields, typed', async () => {
    const model = createScriptedModel([
      ['writer', { content: 'a draft', expect: { prompt: 'why?' } }],
      ['editor', { content: 'an answer', expect: { prompt: 'a draft', tools: [] } }],
    ])

    const run = await runTeam(team, 'why?', { model })

    model.assertDone()
    expect(run).toMatchObject({
      status: 'completed',
      output: { answer: 'an answer' },
      context: { draft: { text: 'a draft' } },
    })
    expect(run.messages).toHaveLength(3)
    expect(run.history).toEqual(run.messages.slice(1))
    expectTypeOf(run.output).toEqualTypeOf<{ readonly answer: string } | undefined>()
    expectTypeOf(run.context.draft).toEqualTypeOf<{ readonly text: string } | undefined>()
  })

  it('has no output where the run does not complete', async () => {
    const model = createScriptedModel({ writer: [{ content: 'a draft' }] })

    const run = await runTeam(team, 'why?', { model })

    expect(run).toMatchObject({ status: 'failed', error: { code: 'unexpected_request' } })
    expect(run.reason).toContain("expected no further request of 'editor' (answers left: none)")
    expect(run.output).toBeUndefined()
    expect(run.context).toEqual({ draft: { text: 'a draft' }, answer: undefined })
    expect(() => model.assertDone()).toThrow("unexpected model request of 'editor'")
  })

  it('keeps the limits that it is given', async () => {
    expect(await runTeam(team, 'why?', { maxHops: 1 })).toMatchObject({
      status: 'budget_exhausted',
    })
    expect(await runTeam(team, 'why?', { maxTokens: 1 })).toMatchObject({
      status: 'budget_exhausted',
    })
  })

  it('refuses a request that is none', async () => {
    // @ts-expect-error a number is no question
    await expect(runTeam(team, 1)).rejects.toThrow(InvalidMessageError)
  })

  it('tells the pieces of the answers', async () => {
    const pieces: string[] = []

    await runTeam(team, 'why?', {
      model: createScriptedModel({
        writer: [{ content: 'a draft' }],
        editor: [{ content: 'yes' }],
      }),
      onDelta: ({ role, delta }) => {
        if (delta.kind === 'text') pieces.push(`${role}:${delta.text}`)
      },
    })

    expect(pieces).toEqual(['writer:a', 'writer: draft', 'editor:yes'])
  })
})

describe('the listeners of a team', () => {
  const listening = (handle: Listener['handle']) => ({
    ...team,
    listeners: [
      defineListener({
        role: 'archivist',
        description: 'Sums up what is drafted and answered.',
        listens: [Drafted, Answered],
        handle,
      }),
    ],
  })
  const model = () =>
    createScriptedModel({
      writer: [{ content: 'a draft' }],
      editor: [{ content: 'an answer' }],
      archivist: [
        { content: 'noted', delayMs: 100 },
        { content: 'noted too', delayMs: 100 },
      ],
    })

  it('get their copies, and have ended when the run is there', async () => {
    const noted: string[] = []
    const scripted = model()

    const run = await runTeam(
      listening(async ({ type }, ctx) =>
        noted.push(`${type} ${await ctx.generate({ prompt: type })}`),
      ),
      'why?',
      { model: scripted },
    )

    scripted.assertDone()
    expect(run).toMatchObject({
      status: 'completed',
      output: { answer: 'an answer' },
      durationMs: 0,
    })
    expect(noted).toEqual(['text.drafted noted', 'question.answered noted too'])
    expect(run.messages).toHaveLength(3)
  })

  it('change nothing where they fail, or do not end in their grace', async () => {
    const failing = await runTeam(
      listening(() => {
        throw new TerminalError('no paper')
      }),
      'why?',
      { model: model() },
    )
    const hanging = await runTeam(
      listening(() => new Promise(() => {})),
      'why?',
      { model: model(), patienceMs: 5 },
    )

    for (const run of [failing, hanging]) {
      expect(run).toMatchObject({ status: 'completed', output: { answer: 'an answer' } })
      expect(run.error).toBeUndefined()
    }
  })

  it('ask their offline functions where there is no other model', async () => {
    const said: string[] = []
    const { listeners, ...quiet } = listening(async (_message, ctx) =>
      said.push(await ctx.generate({ prompt: 'x' })),
    )

    await runTeam(
      {
        ...quiet,
        listeners: listeners.map((one) => ({ ...one, offline: () => ({ content: 'offline' }) })),
      },
      'why?',
    )

    expect(said).toEqual(['offline', 'offline'])
  })
})

it('makes the same passwords of the same chance', async () => {
  const made = async (seed: number) => {
    const run = await runTeam(passwordTeam({ randomInt: seededRandomInt(seed) }), '2 PINs')
    return run.context.implementation?.passwords.map((password) => password.reveal())
  }

  const passwords = await made(1)

  expect(await made(1)).toEqual(passwords)
  expect(await made(2)).not.toEqual(passwords)
})
