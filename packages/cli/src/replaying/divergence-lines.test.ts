import type { ReplayDivergence } from '@nanoagent/orchestrator'
import { describe, expect, it } from 'vitest'
import { plain } from '../screen/paint.ts'
import { divergenceLines } from './divergence-lines.ts'

const place = {
  deliveryId: 'run.h',
  type: 'plan.ready',
  role: 'implementer',
  attempt: 1,
  seq: 7,
  number: 2,
} as const

const request = { length: 12, words: ['a', 'b'] }
const step = { stepKind: 'tool', name: 'generate_password', request } as const

function shown(divergence: ReplayDivergence): readonly string[] {
  return divergenceLines(divergence, { paint: plain })
}

describe('a divergence for people', () => {
  it('has each field that is changed', () => {
    const actual = { ...step, request: { ...request, length: 20 } }
    expect(
      shown({
        ...place,
        what: 'step',
        how: 'changed',
        why: 'tool_arguments_changed',
        expected: step,
        actual,
        differences: [
          { path: 'request.length', kind: 'changed', before: 12, after: 20 },
          { path: 'request.kind', kind: 'added', after: 'pin' },
          { path: 'request.words.1', kind: 'removed', before: 'b' },
        ],
      }),
    ).toEqual([
      '  step 2 asks for something else (the arguments of a tool have changed)',
      '    ~ request.length: 12 → 20',
      '    + request.kind: "pin"',
      '    - request.words.1: "b"',
    ])
  })

  it('names the field alone where the value of a secret differs', () => {
    const text = 'secret:run/1#1'
    expect(
      shown({
        ...place,
        what: 'step',
        how: 'changed',
        why: 'request_changed',
        expected: { ...step, request: text },
        actual: { ...step, request: text },
        differences: [
          { path: 'request', kind: 'changed', before: text, after: text, isSecretValue: true },
        ],
      }),
    ).toEqual([
      '  step 2 asks for something else: with the value of a secret (the request of a step has changed)',
      '    ~ request: the value of a secret',
    ])
  })

  it('has all of what is missing, or new', () => {
    const whole = [
      '    ? stepKind: "tool"',
      '    ? name: "generate_password"',
      '    ? request:',
      '    ?   length: 12',
      '    ?   words: ["a", "b"]',
    ]
    const marked = (mark: string) => whole.map((line) => line.replace('?', `${mark}  `))
    const at = { ...place, what: 'step', differences: [] } as const
    expect(
      shown({ ...at, how: 'missing', why: 'missing_step', expected: step, actual: undefined }),
    ).toEqual([
      '  step 2 is not asked for again (a step is missing)',
      '    - expected:',
      ...marked('-'),
      '    + actual: no step',
    ])
    expect(
      shown({ ...at, how: 'added', why: 'more_steps', expected: undefined, actual: step }),
    ).toEqual([
      '  step 2 is not in the record (there are more steps)',
      '    - expected: no step',
      '    + actual:',
      ...marked('+'),
    ])
  })

  it('says how it ends, in one line each', () => {
    const error = { name: 'Error', code: 'error', message: 'no\nink' }
    expect(
      shown({
        ...place,
        what: 'end',
        how: 'changed',
        why: 'other_end',
        expected: { outcome: 'done' },
        actual: { outcome: 'failed', error },
        differences: [{ path: 'outcome', kind: 'changed', before: 'done', after: 'failed' }],
      }),
    ).toEqual([
      '  it ends differently (its end has changed)',
      '    - expected: succeeds',
      '    + actual: fails with error: no ink',
    ])
    expect(
      shown({
        ...place,
        what: 'inbox',
        how: 'changed',
        why: 'message_refused',
        expected: { data: { text: 'go' } },
        actual: { problem: "no agent plays 'implementer'" },
        differences: [],
      }),
    ).toEqual([
      '  the message cannot be handled any more (the message is refused now)',
      '    - expected: {"data":{"text":"go"}}',
      `    + actual: {"problem":"no agent plays 'implementer'"}`,
    ])
  })
})
