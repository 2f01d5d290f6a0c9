import { createOfflineModel, defineAgent, defineTeam, passwordTeam, to } from '@nanoagent/agents'
import type { DataOf, Secret } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  Answered,
  Asked,
  answerTeam,
  collect,
  echo,
  endlessTeam,
  heldModel,
} from '../test/teams.ts'
import { createOrchestrator, type RunResult } from './index.ts'

describe('a run that completes', () => {
  it('gives the terminal data, the named context, the handoffs and the usage', async () => {
    await using orchestrator = createOrchestrator({ team: answerTeam(), model: echo })

    const result = await orchestrator.run('why?', { runId: 'r', metadata: { from: 'a test' } })

    expect(result).toEqual({
      runId: 'r',
      status: 'completed',
      output: { text: 'ECHO WHY?' },
      context: {
        question: 'why?',
        draft: { text: 'echo why?' },
        answer: { text: 'ECHO WHY?' },
      },
      history: [
        expect.objectContaining({ from: 'writer', to: 'editor', type: 'answer.drafted' }),
        expect.objectContaining({ from: 'editor', to: 'coordinator' }),
      ],
      usage: { inputTokens: 10, outputTokens: 5, modelCalls: 1, toolCalls: 0 },
      durationMs: expect.any(Number),
    })
  })

  it('has types by the names of the team', async () => {
    await using orchestrator = createOrchestrator({ team: answerTeam(), model: echo })
    const result = await orchestrator.run('why?')

    expectTypeOf(result.output).toEqualTypeOf<{ readonly text: string } | undefined>()
    expectTypeOf(result.context.draft).toEqualTypeOf<{ readonly text: string } | undefined>()
    expectTypeOf(result.context.question).toEqualTypeOf<string | undefined>()
    // @ts-expect-error the team has no such name
    expect(result.context.draught).toBeUndefined()
  })

  it('is recorded with its team, model and metadata', async () => {
    await using orchestrator = createOrchestrator({ team: answerTeam(), model: echo })
    const run = orchestrator.start('why?', { metadata: { from: 'a test' } })

    const [opened, root] = await collect(run.records)

    expect(opened).toMatchObject({
      kind: 'run.opened',
      terminal: 'question.answered',
      about: {
        team: 'answers',
        model: 'echo',
        entry: 'question.asked to writer',
        agents: [{ role: 'writer' }, { role: 'editor' }],
      },
    })
    expect(root).toMatchObject({ kind: 'message', message: { metadata: { from: 'a test' } } })
  })

  it('mixes with no other that runs at the same time', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({
      team: answerTeam(),
      model,
      modelRequestsAtOnce: 100,
    })
    const questions = Array.from({ length: 50 }, (_, n) => `question ${n}`)

    const runs = questions.map((question) => orchestrator.run(question))
    await model.reached(50)
    for (const _ of questions) model.letGo()
    const results = await Promise.all(runs)

    expect(results.map(({ context }) => context)).toEqual(
      questions.map((question) => ({
        question,
        draft: { text: `echo ${question}` },
        answer: { text: `ECHO ${question.toUpperCase()}` },
      })),
    )
    expect(new Set(results.map(({ runId }) => runId)).size).toBe(50)
    expect(results.every(({ usage }) => usage.modelCalls === 1)).toBe(true)
  })
})

describe('a run that does not complete', () => {
  it('is failed where a handler keeps throwing, with the context as far as it got', async () => {
    const team = answerTeam({
      edit() {
        throw new Error('no red pen')
      },
    })
    await using orchestrator = createOrchestrator({ team, model: echo, delivery: { backoffMs: 0 } })

    const result = await orchestrator.run('why?')

    expect(result).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(
        /^'editor' failed at answer.drafted in each of 3 attempts, .*pen/,
      ),
      context: { draft: { text: 'echo why?' }, answer: undefined },
    })
    expect(result).not.toHaveProperty('output')
    expect(result.history).toHaveLength(1)
  })

  it('is tried as often as the orchestrator says', async () => {
    let attempts = 0
    const team = answerTeam({
      edit() {
        attempts++
        throw new Error('no red pen')
      },
    })
    await using orchestrator = createOrchestrator({ team, model: echo, delivery: { attempts: 1 } })

    await orchestrator.run('why?')

    expect(attempts).toBe(1)
  })

  it('is stalled where an agent hands nothing off', async () => {
    const lazy = defineAgent({
      role: 'lazy',
      description: 'Does nothing.',
      accepts: [Asked],
      emits: [to('coordinator', Answered)],
      handle() {},
    })
    const team = defineTeam({
      name: 'lazy',
      agents: [lazy],
      entry: to('lazy', Asked),
      terminal: Answered,
    })
    await using orchestrator = createOrchestrator({ team, model: echo })

    expect(await orchestrator.run('why?')).toMatchObject({
      status: 'stalled',
      reason: expect.stringContaining("'lazy' handled question.asked and handed nothing off"),
      history: [],
    })
  })

  it('has used up its hops', async () => {
    await using orchestrator = createOrchestrator({
      team: endlessTeam(),
      model: echo,
      limits: { maxHops: 5 },
    })

    const defaults = await orchestrator.run({ turn: 0 })
    const own = await orchestrator.run({ turn: 0 }, { maxHops: 2 })

    expect(defaults).toMatchObject({
      status: 'budget_exhausted',
      reason: expect.stringMatching(/more than 5 hops, at ping from '(left|right)'.*raise maxHops/),
    })
    expect(defaults.history).toHaveLength(6)
    expect(own.reason).toContain('more than 2 hops')
  })

  it('has used up its tokens', async () => {
    await using orchestrator = createOrchestrator({ team: answerTeam(), model: echo })

    expect(await orchestrator.run('why?', { maxTokens: 14 })).toMatchObject({
      status: 'budget_exhausted',
      reason: 'the run used 15 tokens, its budget is 14: raise maxTokens or ask for less',
      usage: { inputTokens: 10, outputTokens: 5 },
    })
    expect(await orchestrator.run('why?', { maxTokens: 15 })).toMatchObject({ status: 'completed' })
  })
})

describe('a request', () => {
  const team = passwordTeam()
  const open = () => createOrchestrator({ team, model: createOfflineModel(team.agents) })

  it.for([
    ['that is empty', '', /request\.submitted.*>=1/],
    ['of white space', ' \n\t', /request\.submitted.*>=1/],
    ['of 8,001 characters', 'x'.repeat(8_001), /request\.submitted.*<=8000/],
  ] as const)('%s is refused at once', async ([, request, says]) => {
    await using orchestrator = open()

    expect(() => orchestrator.start(request)).toThrow(says)
    await expect(orchestrator.run(request)).rejects.toThrow(says)
    expect(await collect(orchestrator.bus.journal.read())).toEqual([])
  })

  it('of 8,000 characters is taken', async () => {
    await using orchestrator = open()

    const { status } = await orchestrator.run('a password '.repeat(1_000).slice(0, 8_000))

    expect(status).toBe('completed')
  })

  it('is trimmed', async () => {
    await using orchestrator = open()

    expect((await orchestrator.run('  a PIN\n')).context.userRequest).toBe('a PIN')
  })

  it('of the wrong type is refused, by the compiler too', async () => {
    await using orchestrator = open()

    // @ts-expect-error the password team takes text
    expect(() => orchestrator.start({ text: 'a password' })).toThrow('request.submitted')
    // @ts-expect-error text is no turn
    await expect(createOrchestrator({ team: answerTeam(), model: echo }).run(1)).rejects.toThrow()
  })

  it.for([
    [{ maxTokens: 0 }],
    [{ timeoutMs: -1 }],
    [{ maxHops: 1.5 }],
    [{ runId: 'a b' }],
  ] as const)('with the options %o is refused', async ([options]) => {
    await using orchestrator = open()
    expect(() => orchestrator.start('a password', options)).toThrow()
  })
})

describe("the password team's result", () => {
  const team = passwordTeam()

  it('has the password behind reveal() and nowhere else', async () => {
    await using orchestrator = createOrchestrator({
      team,
      model: createOfflineModel(team.agents),
    })
    const result = await orchestrator.run('a 24-character password for my bank')

    expectTypeOf(result.context.implementation?.password).toEqualTypeOf<Secret | undefined>()
    expectTypeOf(result.context.plan?.length).toEqualTypeOf<number | undefined>()
    expectTypeOf(result.context.testResults?.verdict).toEqualTypeOf<'PASS' | 'FAIL' | undefined>()
    expectTypeOf(result.context.userRequest).toEqualTypeOf<string | undefined>()
    expectTypeOf<RunResult<typeof team.terminal>['output']>().toEqualTypeOf<
      DataOf<typeof team.terminal> | undefined
    >()
    const value = result.context.implementation?.password.reveal() ?? ''
    expect(value).toHaveLength(24)
    expect(JSON.stringify(result)).not.toContain(value)
    expect(result.context.plan).toMatchObject({ length: 24, purpose: 'bank' })
    expect(result.context.testResults?.verdict).toBe('PASS')
    expect(result.output).toBe(result.context.testResults)
  })
})
