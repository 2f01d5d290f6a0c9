import type { ModelDelta } from '@nanoagent/agents'
import { describe, expect, it } from 'vitest'
import { cellsOf } from '../screen/cells.ts'
import { type Activity, activityLine, advanced } from './activity.ts'

const begun: Activity = {
  ...{ role: 'planner', model: 'gpt-test', startedAt: 5_000 },
  doing: { kind: 'waiting' },
}

function after(...deltas: readonly ModelDelta[]): Activity {
  return deltas.reduce((activity, delta) => advanced(activity, delta, 6_000), begun)
}

const text = (piece: string): ModelDelta => ({ kind: 'text', text: piece })
const call = (index: number, name: string, piece: string): ModelDelta => ({
  ...{ kind: 'tool_call', index, name, text: piece },
})

describe('the line about a model at work', () => {
  it('says after a second for which model it waits, and how long', () => {
    expect(activityLine(begun, 5_999, 79)).toBe('')
    expect(activityLine(begun, 6_000, 79)).toBe('  [PLANNER] waiting for gpt-test, 1 s')
    expect(activityLine(begun, 17_900, 79)).toBe('  [PLANNER] waiting for gpt-test, 12 s')
  })

  it('shows what it writes', () => {
    const activity = after(text('{"purpose":'), text('"bank"'))

    expect(activityLine(activity, 6_000, 79)).toBe('  [PLANNER] … {"purpose":"bank"')
  })

  it('shows its thoughts as such, and then what it writes', () => {
    const thinking = after({ kind: 'reasoning', text: 'A bank' }, { kind: 'reasoning', text: '?' })

    expect(activityLine(thinking, 6_000, 79)).toBe('  [PLANNER] thinking: … A bank?')
    expect(activityLine(advanced(thinking, text('{'), 6_000), 6_000, 79)).toBe('  [PLANNER] … {')
  })

  it('shows the tool that it calls, each call for itself', () => {
    const first = after(call(0, 'check', '{"a"'), call(0, 'check', ':1}'))

    expect(activityLine(first, 6_000, 79)).toBe('  [PLANNER] … check({"a":1}')
    expect(activityLine(advanced(first, call(1, 'make', ''), 6_000), 6_000, 79)).toBe(
      '  [PLANNER] … make(',
    )
  })

  it('tells of a retry, how long until then, and that it waits again', () => {
    const activity = after(text('half an ans'), {
      ...{ kind: 'retry', reason: 'limits the rate (429)', waitMs: 2_500 },
    })

    expect(activityLine(activity, 6_000, 79)).toBe(
      '  [PLANNER] trying again in 3 s: limits the rate (429)',
    )
    expect(activityLine(activity, 9_000, 79)).toBe(
      '  [PLANNER] waiting for gpt-test, 4 s; trying again: limits the rate (429)',
    )
    expect(activityLine(advanced(activity, text('new'), 9_000), 9_000, 79)).toBe(
      '  [PLANNER] … new',
    )
  })

  it.for([10, 20, 33, 34, 60])('fits into %i cells, and shows the latest', (width) => {
    const activity = after(
      call(0, 'generate_password', '\u9280\u884c'.repeat(2_000)),
      call(0, 'generate_password', '!'),
    )
    const line = activityLine(activity, 6_000, width)

    expect(cellsOf(line)).toBeLessThanOrEqual(width)
    expect(cellsOf(line)).toBeGreaterThan(width - 2)
    if (width > 33) expect(line).toMatch(/^ {2}\[PLANNER\] … generate_password\(….*!$/u)
  })

  it('marks once that a beginning is left out', () => {
    expect(activityLine(after(text('abcdefghij')), 6_000, 20)).toBe('  [PLANNER] … efghij')
    expect(activityLine(after(call(0, 'f', 'abcdefghij')), 6_000, 20)).toBe('  [PLANNER] … f(…hij')
  })

  it('lets no model steer the terminal, not with a sequence in pieces either', () => {
    const pieces = after(text('a\u001b['), text('2Jb\r\nc'), text('\u202e\u0007d'))
    const named = after(call(0, 'x\u001b[2Jy\n', ''))

    expect(activityLine(pieces, 6_000, 79)).toBe('  [PLANNER] … ab cd')
    expect(activityLine(named, 6_000, 79)).toBe('  [PLANNER] … xy(')
  })
})
