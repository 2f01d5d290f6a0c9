import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toldResults } from '../../test/answerer.ts'
import { drawing } from '../../test/drawing.ts'
import type { ModelRequest } from '../model.ts'
import { latestPrompt } from '../offline/offline-model.ts'
import { planOptions, readRequest } from '../password/index.ts'
import { createScriptedModel, runTeam, type ScriptedReply } from '../testing/index.ts'
import { taggedText } from './prompts.ts'
import { passwordTeam, SPECIALISTS } from './team.ts'

const request = 'Two passwords for Anna Miller at my bank'
const plan = readRequest(request)
const good = 'Kj9#mPx2$vNq8&Lw'
const other = 'wL8&qNv$2xPm#9jK'
// Strong by itself, but it has the name in it.
const personal = 'Kj9#M1ll3r$vNq8&'

const handlesOf = (from: ModelRequest) =>
  z.array(z.string()).parse(JSON.parse(taggedText('passwords', latestPrompt(from))))
const checks = ['length', 'common_passwords', 'personal_words', 'patterns'].map(
  (name) => `check_${name}`,
)
const tools = [...checks, 'measure_entropy']
const auditAll: ScriptedReply = (from) => ({
  toolCalls: tools.map((name) => ({ name, arguments: { passwords: handlesOf(from) } })),
})
const summary = { output: { summary: 'Fine.' } }
const purpose = { output: { purpose: 'her bank', use: 'banking', explanation: 'Money.' } }
const guidance = { output: { keep: ['In a manager.'], type: ['Paste it.'], say: ['Never.'] } }

const wellBehaved = {
  planner: [{ output: plan }, purpose],
  implementer: [
    {
      toolCalls: [
        { name: 'generate_multiple_passwords', arguments: { ...planOptions(plan), count: 2 } },
      ],
    },
    (from: ModelRequest) => ({ output: toldResults(from)[0] }),
  ],
  tester: [{ output: { recommendations: [] } }],
  'security-auditor': [auditAll, summary],
  'ux-writer': [guidance],
} satisfies Readonly<Record<string, readonly ScriptedReply[]>>

/** Runs the full team with a model that behaves, but for these roles. */
async function runWith(
  script: Readonly<Record<string, readonly ScriptedReply[]>> = {},
  passwords: readonly string[] = [good, other],
) {
  const model = createScriptedModel({ ...wellBehaved, ...script })
  const randomInt = drawing(...passwords)
  const team = passwordTeam({ with: SPECIALISTS, randomInt, retries: 0 })
  const end = await runTeam(team, request, { model })
  const asked = (role: string) => end.requests.filter(({ agent }) => agent === role)
  return { ...end, model, asked }
}

it('completes with a model that behaves', async () => {
  const { model, context, ...end } = await runWith()

  expect(end.status).toBe('completed')
  expect(context.audit).toMatchObject({ verdict: 'PASS', summary: 'Fine.', results: [{}, {}] })
  expect(context.guidance).toEqual({ purpose: 'her bank', ...guidance.output })
  model.assertDone()
})

describe('the security auditor', () => {
  it('judges by its tools, whatever the model says', async () => {
    const { context } = await runWith({ 'security-auditor': [auditAll, summary] }, [good, personal])

    expect(context.audit).toMatchObject({ verdict: 'FAIL', summary: 'Fine.' })
    expect(context.audit?.results.map(({ verdict }) => verdict)).toEqual(['PASS', 'FAIL'])
    expect(context.audit?.findings).toContainEqual(
      expect.objectContaining({
        check: 'personal words',
        severity: 'medium',
        detail: expect.stringMatching(/^1 of 2 passwords: /),
      }),
    )
  })

  it.for([
    ['calls no tool', [summary]],
    [
      'calls one tool for one password',
      [
        (from: ModelRequest) => ({
          toolCalls: [
            { name: 'check_patterns', arguments: { passwords: handlesOf(from).slice(1) } },
          ],
        }),
        summary,
      ],
    ],
    [
      'has a password of its own checked',
      [
        { toolCalls: [{ name: 'check_patterns', arguments: { passwords: ['qwertyuiop'] } }] },
        summary,
      ],
    ],
  ] as const)('looks itself where the model %s', async ([, script]) => {
    const { context, ...end } = await runWith({ 'security-auditor': script }, [good, personal])

    expect(end.status).toBe('completed')
    expect(context.audit?.results.map(({ findings }) => findings.length)).toEqual([6, 6])
    expect(context.audit?.results.map(({ verdict }) => verdict)).toEqual(['PASS', 'FAIL'])
  })

  it('tells the model what it found, and never a password', async () => {
    const { asked } = await runWith({}, [good, personal])

    const told = JSON.stringify(asked('security-auditor'))
    expect(told).toContain('It has a word of the request in it')
    for (const value of [good, personal]) expect(told).not.toContain(value)
  })
})

describe('the UX writer', () => {
  it('asks the planner before it writes, and hears from it', async () => {
    const { asked, history } = await runWith()

    const [writing] = asked('ux-writer')
    expect(JSON.parse(taggedText('purpose', latestPrompt(writing ?? nothing)))).toEqual(
      purpose.output,
    )
    const [, explaining] = asked('planner')
    expect(latestPrompt(explaining ?? nothing)).toContain('"request":"Two passwords for Anna')
    expect(history.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['purpose.asked', 'purpose.explained']),
    )
  })

  it('gets what is known of the password, but neither it nor its handle', async () => {
    const { asked } = await runWith()

    const [writing] = asked('ux-writer')
    expect(JSON.parse(taggedText('facts', latestPrompt(writing ?? nothing)))).toEqual({
      kind: 'password',
      length: 16,
      unit: 'characters',
      classes: ['uppercase', 'lowercase', 'numbers', 'symbols'],
      mayHaveLookAlikes: true,
      separator: '',
      count: 2,
    })
    expect(JSON.stringify(writing)).not.toContain('secret:')
  })

  it('corrects a model that leaves something out', async () => {
    const short = { output: { keep: ['In a manager.'], type: [], say: ['Never.'] } }
    const { context, asked } = await runWith({ 'ux-writer': [short, guidance] })

    expect(latestPrompt(asked('ux-writer')[1] ?? nothing)).toMatch(/does not fit: type: Too small/)
    expect(context.guidance?.type).toEqual(['Paste it.'])
  })

  it('fails the run where the planner cannot say what it is for', async () => {
    const odd = { output: { purpose: 'x', use: 'fun', explanation: 'y' } }
    const { status, reason } = await runWith({
      planner: [{ output: plan }, odd, odd, odd],
    })

    expect(status).toBe('failed')
    expect(reason).toMatch(/'ux-writer'.*'planner' did not fit/)
  })
})

const nothing: ModelRequest = { agent: '', instructions: '', messages: [], tools: [] }
