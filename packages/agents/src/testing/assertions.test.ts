import { AssertionError } from 'node:assert'
import { defineMessage, type Message, Secret, secret } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { drawing } from '../../test/drawing.ts'
import {
  ChecksJoined,
  PasswordReady,
  PasswordRejected,
  PurposeAsked,
  PurposeExplained,
} from '../password-team/messages.ts'
import { passwordTeam, SPECIALISTS } from '../password-team/team.ts'
import { expectHandoff, expectNoHandoff, expectPath, type HandedOff, runTeam } from './index.ts'

const Planned = defineMessage(
  'plan.ready',
  z.object({ steps: z.array(z.string()), why: z.string() }),
)
const Keyed = defineMessage('key.made', z.object({ key: secret() }))
const Rated = defineMessage('text.rated', z.number())

const handoff = (from: string, to: string, type: string, data: unknown): Message => ({
  id: `r-${from}-${to}`,
  runId: 'r',
  type,
  from,
  to,
  sentAt: 0,
  content: '',
  data,
  metadata: {},
})

const run: HandedOff = {
  status: 'failed',
  reason: 'the tester broke',
  history: [
    handoff('planner', 'maker', 'plan.ready', { steps: ['a', 'b'], why: 'so' }),
    handoff('maker', 'tester', 'key.made', {
      key: new Secret('hunter2-hunter2').name('secret:r.h#1'),
    }),
    handoff('tester', 'coordinator', 'text.rated', 5),
  ],
}
const nothing: HandedOff = { status: 'stalled', history: [] }

function failureOf(assertion: () => unknown): AssertionError {
  try {
    assertion()
  } catch (error) {
    if (error instanceof AssertionError) return error
  }
  throw new Error('the assertion held')
}

describe('expectHandoff', () => {
  it('gives the message that fits, with the type of its data', () => {
    const found = expectHandoff(run, { from: 'planner', to: 'maker', type: Planned })

    expectTypeOf(found.data.steps).toEqualTypeOf<readonly string[]>()
    expect(found).toBe(run.history[0])
    expect(expectHandoff(run, { to: 'coordinator' })).toBe(run.history[2])
  })

  it('compares the fields of data that are named, to the bottom', () => {
    expectHandoff(run, { type: Planned, data: { steps: ['a', 'b'] } })
    expectHandoff(run, { type: Rated, data: 5 })
    const { message, expected, actual } = failureOf(() =>
      expectHandoff(run, { type: Planned, data: { steps: ['a'] } }),
    )

    expect(message).toContain('planner → maker: plan.ready has other data than expected')
    expect(expected).toEqual({ steps: ['a'] })
    expect(actual).toEqual({ steps: ['a', 'b'], why: 'so' })
    // @ts-expect-error a plan has no such field
    failureOf(() => expectHandoff(run, { type: Planned, data: { stairs: ['a'] } }))
  })

  it('compares secrets by their values, and shows none', () => {
    expectHandoff(run, { type: Keyed, data: { key: new Secret('hunter2-hunter2') } })
    const error = failureOf(() =>
      expectHandoff(run, { type: Keyed, data: { key: new Secret('hunter3-hunter3') } }),
    )

    expect(JSON.stringify([error.message, error.expected, error.actual])).not.toContain('hunter')
  })

  it('shows what there was instead, and why', () => {
    const { message, actual } = failureOf(() =>
      expectHandoff(run, { from: 'maker', type: Planned }),
    )

    expect(message).toBe(
      'expected a handoff maker → anyone: plan.ready; the handoffs were: planner → maker: plan.ready, ' +
        'maker → tester: key.made, tester → coordinator: text.rated; the run is failed, because the tester broke',
    )
    expect(actual).toHaveLength(3)
    expect(failureOf(() => expectHandoff(nothing, {})).message).toBe(
      'expected a handoff anyone → anyone: any type; the handoffs were: none; the run is stalled',
    )
  })
})

describe('expectNoHandoff', () => {
  it('holds where none fits', () => {
    expectNoHandoff(nothing)
    expectNoHandoff(run, { to: 'planner' })
    expectNoHandoff(run, { type: Planned, data: { why: 'not' } })
  })

  it('shows those that do', () => {
    const { message, actual } = failureOf(() => expectNoHandoff(run, { to: 'maker' }))

    expect(message).toContain('expected no handoff anyone → maker: any type; the handoffs were: ')
    expect(actual).toEqual(['planner → maker: plan.ready'])
    failureOf(() => expectNoHandoff(run))
  })
})

describe('expectPath', () => {
  it('holds where the run went this way, to its end', () => {
    expectPath(run, ['planner', 'maker', 'tester', 'coordinator'])
    expectPath(nothing, [])
  })

  it('shows the way that it went instead', () => {
    const { message, actual } = failureOf(() => expectPath(run, ['planner', 'maker']))

    expect(message).toContain('expected the path planner → maker; the handoffs were: ')
    expect(actual).toEqual(['planner', 'maker', 'tester', 'coordinator'])
  })

  it('leaves branches and asks out, whatever their order', async () => {
    const team = passwordTeam({ with: SPECIALISTS, randomInt: drawing('Kj9#mPx2$vNq8&Lw') })
    const full = await runTeam(team, 'a password for my bank')

    expectPath(full, ['planner', 'implementer', 'reviewer', 'coordinator'])
    expectHandoff(full, { from: 'implementer', to: 'tester', type: PasswordReady })
    expectHandoff(full, { from: 'ux-writer', to: 'planner', type: PurposeAsked })
    expectHandoff(full, { from: 'planner', to: 'ux-writer', type: PurposeExplained })
    const { data } = expectHandoff(full, { to: 'reviewer', type: ChecksJoined })
    expect(data.branches.map(({ to }) => to)).toEqual(['tester', ...SPECIALISTS])
    expectNoHandoff(full, { type: PasswordRejected })
  })
})
