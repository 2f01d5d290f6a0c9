import { type Message, Secret } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { plain } from '../screen/paint.ts'
import { endLine } from './end-line.ts'
import type { PasswordRun } from './password-run.ts'
import { humanReporter, jsonReporter, quietReporter, type Reporter } from './reporters.ts'

type TestResults = NonNullable<PasswordRun['context']['testResults']>

const report = {
  strength: 'very_strong',
  score: 5,
  checks: [
    { name: 'length', passed: true, detail: '16 characters' },
    { name: 'symbols', passed: false, detail: 'absent' },
  ],
  recommendations: [],
  verdict: 'PASS',
} as const satisfies TestResults['results'][number]

const weak = { ...report, strength: 'weak', score: 2, verdict: 'FAIL' } as const

const handoff: Message = {
  ...{ id: 'r.h', runId: 'r', type: 'plan.ready', from: 'planner', to: 'implementer' },
  ...{ causationId: 'r', sentAt: 1_700_000_000_000, data: {}, metadata: {} },
  content: `${'\u{1f511}'.repeat(99)}xyz`,
}

function runOf(values: readonly string[], parts: Partial<PasswordRun> = {}): PasswordRun {
  const passwords = values.map((value) => new Secret(value))
  const password = passwords[0] ?? new Secret('')
  const kind = 'password' as const
  const choice = { uppercase: true, lowercase: true, numbers: true, symbols: true }
  const config = { kind, ...choice, excludeLookAlikes: false, exclude: '', mustContain: [] }
  const { output } = parts
  const testResults =
    output !== undefined && 'results' in output
      ? output
      : { ...report, results: passwords.map(() => report) }
  return {
    runId: 'r',
    status: 'completed',
    output: testResults,
    context: {
      userRequest: 'a password',
      plan: undefined,
      implementation: { kind, password, passwords, config },
      testResults,
    },
    history: [handoff],
    usage: { inputTokens: 1, outputTokens: 2, modelCalls: 3, toolCalls: 4 },
    durationMs: 12.5,
    ...parts,
  }
}

const { output: _none, ...unfinished } = runOf([])
const failedRun: PasswordRun = {
  ...unfinished,
  status: 'failed',
  reason: 'no model answered',
  context: {
    userRequest: 'a password',
    plan: undefined,
    implementation: undefined,
    testResults: undefined,
  },
  history: [],
}

const PASSWORD = 'Kj9#mPx2$vNq8&Lw'

function shown(reporter: (print: (line: string) => void) => Reporter, run: PasswordRun): string {
  const lines: string[] = []
  reporter((line) => lines.push(line)).end(run)
  return lines.join('\n')
}

const human = (print: (line: string) => void) => humanReporter(print, plain)

describe('for people', () => {
  it('begins with the request, on one line', () => {
    const lines: string[] = []
    human((line) => lines.push(line)).begin('a\u001b[31m\npassword')

    expect(lines).toEqual([
      ...['='.repeat(60), 'NANOAGENT LEVEL 3: Multi-Agent Orchestration', '='.repeat(60)],
      ...['', 'User Request: a password', ''],
      ...['-'.repeat(60), 'ORCHESTRATION PIPELINE', '-'.repeat(60)],
    ])
  })

  it('ends with the handoffs, cut to 100 whole characters, and the final response', () => {
    expect(shown(human, runOf([PASSWORD])).split('\n')).toEqual([
      '',
      ...['-'.repeat(60), 'MESSAGE HISTORY (Agent Handoffs)', '-'.repeat(60)],
      `  [planner → implementer]: ${'\u{1f511}'.repeat(99)}x`,
      '',
      ...['='.repeat(60), 'FINAL RESPONSE', '='.repeat(60)],
      `🔐 **Generated Password**: \`${PASSWORD}\``,
      '',
      '**Validation Results**:',
      '- Strength: VERY_STRONG',
      '- Score: 5/5',
      '- Verdict: ✅ PASS',
      '',
      '**Security Checks**:',
      '- ✓ Length: 16 characters',
      '- ✗ Symbols: absent',
    ])
  })

  it('adds recommendations where there are any, whatever a model put into them', () => {
    const recommendations = ['Make it\n longer.', 'Ring\u0007 nothing.']
    const testResults = { ...weak, recommendations, results: [weak] }

    const text = shown(human, runOf([PASSWORD], { output: testResults }))

    expect(text).toContain('- Strength: WEAK\n- Score: 2/5\n- Verdict: ❌ FAIL\n')
    expect(text).toMatch(/\n\n\*\*Recommendations\*\*:\n- Make it longer\.\n- Ring nothing\.$/)
  })

  it('shows each of several passwords once, with what was found', () => {
    const output = { ...weak, results: [report, weak] }

    const text = shown(human, runOf(['first-pass', 'second-pass'], { output }))

    expect(text).toContain(
      '🔐 **Generated Passwords**:\n' +
        '1. `first-pass` - VERY_STRONG, 5/5, ✅ PASS\n' +
        '2. `second-pass` - WEAK, 2/5, ❌ FAIL\n' +
        '\n**Validation Results**:\n- Strength: WEAK (the weakest)\n',
    )
    expect(text.match(/first-pass/g)).toHaveLength(1)
  })

  it('says that it failed where there is no password', () => {
    expect(shown(human, failedRun)).toMatch(
      /\n {2}\(none\)\n[\s\S]*\nFailed to generate password\. Please try again\.$/,
    )
  })

  it('ends a run that was interrupted like one that failed', () => {
    expect(shown(human, { ...failedRun, status: 'cancelled' })).toBe(shown(human, failedRun))
  })
})

describe('as JSON', () => {
  it('reveals the passwords in the implementation alone', () => {
    const text = shown(jsonReporter, runOf([PASSWORD]))
    const { context, response, ...rest } = JSON.parse(text)

    expect(rest).toEqual({
      runId: 'r',
      status: 'completed',
      attempts: 0,
      history: [
        {
          ...{ id: 'r.h', from: 'planner', to: 'implementer', type: 'plan.ready' },
          ...{ content: handoff.content, sentAt: 1_700_000_000_000 },
        },
      ],
      usage: { inputTokens: 1, outputTokens: 2, modelCalls: 3, toolCalls: 4 },
      durationMs: 13,
    })
    expect(response).toContain('**Generated Password**: `Kj9#************`')
    expect(context).toMatchObject({
      userRequest: 'a password',
      plan: null,
      implementation: { password: PASSWORD, passwords: [PASSWORD], kind: 'password' },
      testResults: { verdict: 'PASS' },
    })
    delete context.implementation
    expect(JSON.stringify([context, response, rest])).not.toContain(PASSWORD)
  })

  it('has null for what was not reached, and the reason', () => {
    expect(JSON.parse(shown(jsonReporter, failedRun))).toMatchObject({
      status: 'failed',
      reason: 'no model answered',
      response: 'Failed to generate password. Please try again.',
      context: { plan: null, implementation: null, testResults: null },
      history: [],
    })
  })
})

describe('quietly', () => {
  it('prints the passwords alone, a line each', () => {
    expect(shown(quietReporter, runOf(['one', 'two']))).toBe('one\ntwo')
  })

  it('prints nothing where the run failed', () => {
    expect(shown(quietReporter, failedRun)).toBe('')
  })
})

describe('the line about an end', () => {
  it('is missing where the run completed', () => {
    expect(endLine(runOf([PASSWORD]))).toBeUndefined()
  })

  it.for([
    { status: 'failed', reason: 'why', line: 'the run failed: why' },
    {
      status: 'failed',
      reason: "'planner' gave no answer: choose in there.; try another model",
      line: "the run failed: 'planner' gave no answer: choose in there; try another model",
    },
    {
      status: 'failed',
      reason: 'it was cut off (maxTokens 9): raise maxTokens; or set modelRequestsAtOnce',
      line: 'the run failed: it was cut off (--max-answer-tokens 9): raise --max-answer-tokens; or set --requests-at-once',
    },
    {
      status: 'timed_out',
      reason: "the run took longer than 1000 ms, at 'planner' with a.type: raise the timeout",
      line: "the run timed out: it took longer than 1 second, at 'planner' with a.type: raise --timeout",
    },
    {
      status: 'timed_out',
      reason:
        "the run took longer than 2000 ms, at 'planner' with a.type, waiting for model 'm' at http://h:1/v1: raise the timeout",
      line: "the run timed out: it took longer than 2 seconds, at 'planner' with a.type, waiting for model 'm' at http://h:1/v1: raise --timeout, or check the endpoint with nanoagent doctor",
    },
    {
      status: 'failed',
      reason:
        'it calls tools: raise toolRounds, make the instructions clearer, or try another model',
      line: 'the run failed: it calls tools: try another model',
    },
    {
      status: 'failed',
      reason: 'it did not fit; try another model or a simpler output schema',
      line: 'the run failed: it did not fit; try another model',
    },
    {
      status: 'budget_exhausted',
      reason: 'the run used 40 tokens, its budget is 1: raise maxTokens or ask for less',
      line: 'the run is over its budget: it used 40 tokens, its budget is 1: raise --max-tokens or ask for less',
    },
    {
      status: 'budget_exhausted',
      reason: 'the run took more than 1 hops, at a.type: look for a loop or raise maxHops',
      line: 'the run is over its budget: it took more than 1 hop, at a.type: look for a loop or raise --max-hops',
    },
    { status: 'cancelled', reason: 'cancelled: interrupted', line: 'interrupted' },
    { status: 'stalled', reason: 'why', line: 'the run stalled: why' },
  ] as const)('says why it is $status: $line', ({ status, reason, line }) => {
    expect(endLine({ ...failedRun, status, reason })).toBe(`nanoagent: ${line}`)
  })
})
