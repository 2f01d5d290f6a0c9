import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toldResults } from '../../test/answerer.ts'
import type { ModelRequest } from '../model.ts'
import { latestPrompt } from '../offline/offline-model.ts'
import { readRequest } from '../password/index.ts'
import { createScriptedModel, runTeam, type ScriptedReply } from '../testing/index.ts'
import { taggedText } from './prompts.ts'
import { passwordTeam } from './team.ts'

const request = 'Generate a 20-character password without symbols for my bank'
const plan = { output: readRequest(request) }
const several = (count: number) => ({ output: { ...plan.output, count } })

const Made = z.object({ password: z.string() })
const MadeSeveral = z.object({ passwords: z.array(z.string()) })

/** The handles that tools gave, in order. */
const handlesIn = (from: ModelRequest) =>
  toldResults(from).flatMap((told) => {
    const one = Made.safeParse(told).data?.password
    return one === undefined ? (MadeSeveral.safeParse(told).data?.passwords ?? []) : [one]
  })

const options = { kind: 'password', length: 20, symbols: false }
const generate = {
  toolCalls: [{ name: 'generate_password', arguments: options }],
}
const generateSeveral = (count: number): ScriptedReply => ({
  toolCalls: [{ name: 'generate_multiple_passwords', arguments: { ...options, count } }],
})
const answerHandles: ScriptedReply = (from) => ({ output: { passwords: handlesIn(from) } })
const check: ScriptedReply = (from) => ({
  toolCalls: z
    .array(z.string())
    .parse(JSON.parse(taggedText('passwords', latestPrompt(from))))
    .map((password) => ({ name: 'check_password_strength', arguments: { password } })),
})
const noAdvice: ScriptedReply = { output: { recommendations: [] } }

const wellBehaved = {
  planner: [plan],
  implementer: [generate, answerHandles],
  tester: [check, noAdvice],
}

/** Runs the team with a model that behaves, but for these roles. */
async function runWith(script: Readonly<Record<string, readonly ScriptedReply[]>>) {
  const model = createScriptedModel({ ...wellBehaved, ...script })
  const run = await runTeam(passwordTeam(), request, { model })
  const correction = (role: string, nth: number) =>
    latestPrompt(model.requests.filter(({ agent }) => agent === role)[nth] ?? plannerless)
  return { model, correction, ...run }
}
const plannerless: ModelRequest = { agent: '', instructions: '', messages: [], tools: [] }

it('completes with a model that behaves', async () => {
  const { context, model, ...end } = await runWith({})

  expect(end.status).toBe('completed')
  expect(context.testResults?.verdict).toBe('PASS')
  expect(context.implementation?.password.reveal()).toMatch(/^[A-Za-z0-9]{20}$/)
  expect(end.usage).toMatchObject({ modelCalls: 5, toolCalls: 2 })
  model.assertDone()
})

describe('the implementer corrects a model that', () => {
  it('invents a handle', async () => {
    const { correction, model, ...end } = await runWith({
      implementer: [
        generate,
        { output: { passwords: ['secret:bank-password#1'] } },
        (from) => ({ output: { passwords: handlesIn(from) } }),
      ],
    })

    expect(end.status).toBe('completed')
    expect(correction('implementer', 2)).toMatch(/does not fit: .*handle/)
    model.assertDone()
  })

  it('answers with a password of its own', async () => {
    const { correction, context, ...end } = await runWith({
      implementer: [generate, { output: { passwords: ['Correct1Horse2Staple'] } }, answerHandles],
    })

    expect(end.status).toBe('completed')
    expect(correction('implementer', 2)).toContain('give the handles that the tools gave you')
    expect(context.implementation?.password.reveal()).not.toContain('Horse')
  })

  it('answers without a tool call', async () => {
    const { correction, ...end } = await runWith({
      implementer: [{ output: { passwords: ['Tr0ub4dor'] } }, generate, answerHandles],
    })

    expect(end.status).toBe('completed')
    expect(correction('implementer', 1)).toContain('give the handles that the tools gave you')
  })

  it.for([
    ['too few', 3, 2],
    ['too many', 2, 3],
  ] as const)('gives %s passwords', async ([, wanted, made]) => {
    const { context, correction, ...end } = await runWith({
      planner: [several(wanted)],
      implementer: [
        generateSeveral(made),
        answerHandles,
        generateSeveral(wanted),
        (from) => ({
          output: { passwords: handlesIn(from).slice(-wanted) },
        }),
      ],
    })

    expect(end.status).toBe('completed')
    expect(context.implementation?.passwords).toHaveLength(wanted)
    expect(correction('implementer', 2)).toMatch(/does not fit: passwords: Too (small|big)/)
  })

  it('gives one password twice', async () => {
    const { context, correction, ...end } = await runWith({
      planner: [several(2)],
      implementer: [
        generateSeveral(2),
        (from) => ({ output: { passwords: [handlesIn(from)[0], handlesIn(from)[0]] } }),
        answerHandles,
      ],
    })

    expect(end.status).toBe('completed')
    expect(correction('implementer', 2)).toMatch(/does not fit: passwords: .*once/)
    const values = context.implementation?.passwords.map((password) => password.reveal())
    expect(new Set(values).size).toBe(2)
  })
})

describe('the implementer', () => {
  it('takes several passwords that were made one by one', async () => {
    const [call] = 'toolCalls' in generate ? generate.toolCalls : []
    const { context, ...end } = await runWith({
      planner: [several(2)],
      implementer: [{ toolCalls: call === undefined ? [] : [call, call] }, answerHandles],
    })

    expect(end.status).toBe('completed')
    expect(context.implementation?.passwords).toHaveLength(2)
  })

  it('fails the run where the model keeps inventing handles', async () => {
    const invented = { output: { passwords: ['secret:mine#1'] } }
    const { model, ...end } = await runWith({ implementer: [invented, invented, invented] })

    expect(end.status).toBe('failed')
    expect(end.reason).toContain("to 'implementer' did not fit")
    expect(model.requests.filter(({ agent }) => agent === 'implementer')).toHaveLength(3)
  })

  it('tells how the password was generated that the model chose, not the last one', async () => {
    const { context } = await runWith({
      implementer: [
        generate,
        { toolCalls: [{ name: 'generate_password', arguments: { ...options, length: 9 } }] },
        (from) => ({ output: { passwords: handlesIn(from).slice(0, 1) } }),
      ],
    })

    const ready = context.implementation
    expect(ready?.password.reveal()).toHaveLength(20)
    expect(ready?.config.length).toBe(20)
  })

  it('lets the tester find out where the model does not keep to the plan, and makes it again', async () => {
    const tooShort = { toolCalls: [{ name: 'generate_password', arguments: { length: 10 } }] }
    const { context, history, model, ...end } = await runWith({
      implementer: [tooShort, answerHandles, generate, answerHandles],
      tester: [check, noAdvice, check, noAdvice],
    })

    expect(end.status).toBe('completed')
    expect(context.testResults?.verdict).toBe('PASS')
    expect(history.map(({ from, to }) => `${from} → ${to}`)).toEqual([
      'planner → implementer',
      'implementer → tester',
      'tester → implementer',
      'implementer → tester',
      'tester → coordinator',
    ])
    const again = model.requests.findLast(({ agent }) => agent === 'implementer')
    expect(again?.messages[0]?.content).toContain(
      "<rejected>\nUse at least 12 characters, better 16: with fewer, as here with 10, it gets at most 3/5.\nMake it again: it misses 2 of the plan's checks.\n</rejected>",
    )
  })

  it('gives up with FAIL where it never keeps to the plan, after the first attempt and two more', async () => {
    const tooShort = { toolCalls: [{ name: 'generate_password', arguments: { length: 10 } }] }
    const times = <T>(count: number, ...replies: T[]): T[] =>
      Array.from({ length: count }, () => replies).flat()
    const { context, history, ...end } = await runWith({
      implementer: times<ScriptedReply>(3, tooShort, answerHandles),
      tester: times<ScriptedReply>(3, check, noAdvice),
    })

    expect(end.status).toBe('completed')
    expect(context.testResults?.verdict).toBe('FAIL')
    expect(history.filter(({ type }) => type === 'password.rejected')).toMatchObject([
      { data: { attempt: 1, of: 3 } },
      { data: { attempt: 2, of: 3 } },
    ])
  })

  it('tells the model what is wrong with options that cannot be', async () => {
    const { model, ...end } = await runWith({
      implementer: [
        { toolCalls: [{ name: 'generate_password', arguments: { length: 5 } }] },
        generate,
        answerHandles,
      ],
    })

    expect(end.status).toBe('completed')
    const [told] = toldResults(model.requests[2] ?? plannerless)
    expect(told).toEqual({ error: expect.stringContaining('length is 5') })
  })

  it('tells the model when there are not as many different passwords as it wants', async () => {
    const one = { kind: 'password', length: 8, mustContain: ['Abcdef1!'], count: 3 }
    const { model, ...end } = await runWith({
      implementer: [
        { toolCalls: [{ name: 'generate_multiple_passwords', arguments: one }] },
        generate,
        answerHandles,
      ],
    })

    expect(end.status).toBe('completed')
    const [told] = toldResults(model.requests[2] ?? plannerless)
    expect(told).toEqual({ error: expect.stringContaining('1 of 3') })
  })
})

describe('the tester', () => {
  it('judges by the tool where the model claims a verdict without calling it', async () => {
    const { context, ...end } = await runWith({
      tester: [{ output: { recommendations: ['Looks great, PASS!'] } }],
    })

    expect(end.status).toBe('completed')
    expect(end.usage.toolCalls).toBe(2)
    expect(context.testResults?.results).toHaveLength(1)
    expect(context.testResults?.recommendations).toEqual(['Looks great, PASS!'])
  })

  it('judges what the model left out, and in the order of the passwords', async () => {
    const { context, ...end } = await runWith({
      planner: [several(3)],
      implementer: [generateSeveral(3), answerHandles],
      tester: [
        (from) => {
          const reply = typeof check === 'function' ? check(from) : check
          if (reply instanceof Error || !('toolCalls' in reply)) return reply
          return { toolCalls: reply.toolCalls.slice(-1) }
        },
        noAdvice,
      ],
    })

    expect(end.usage.toolCalls).toBe(4)
    expect(context.testResults?.results).toHaveLength(3)
  })

  it('does not let a weak password of the model stand in for the real one', async () => {
    const { context } = await runWith({
      tester: [
        { toolCalls: [{ name: 'check_password_strength', arguments: { password: '12345678' } }] },
        noAdvice,
      ],
    })

    expect(context.testResults).toMatchObject({ verdict: 'PASS', results: [{ score: 5 }] })
  })

  it('refuses advice that is too long or too much', async () => {
    const { correction, ...end } = await runWith({
      tester: [
        check,
        { output: { recommendations: Array.from({ length: 6 }, () => 'More!') } },
        { output: { recommendations: ['x'.repeat(301)] } },
        noAdvice,
      ],
    })

    expect(end.status).toBe('completed')
    expect(correction('tester', 2)).toContain('recommendations: Too big')
    expect(correction('tester', 3)).toContain('recommendations.0: Too big')
  })
})

describe('the planner', () => {
  const impossible = {
    output: { ...plan.output, length: 8, mustContain: ['much-too-long-for-it'] },
  }

  it('corrects a plan that is impossible', async () => {
    const { correction, context, ...end } = await runWith({ planner: [impossible, plan] })

    expect(end.status).toBe('completed')
    expect(correction('planner', 1)).toMatch(/need \d+ characters, but length is 8/)
    expect(context.plan).toEqual(plan.output)
  })

  it('fails the run where the plan stays impossible', async () => {
    const end = await runWith({ planner: [impossible, impossible, impossible] })

    expect(end.status).toBe('failed')
    expect(end.reason).toMatch(/'planner' did not fit after 2 corrections: .*but length is 8/)
  })
})
