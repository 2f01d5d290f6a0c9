import { describe, expect, it } from 'vitest'
import { drawing } from '../../test/drawing.ts'
import { createOfflineModel } from '../offline/offline-model.ts'
import { runTeam } from '../testing/index.ts'
import { decide } from './attempts.ts'
import { passwordTeam } from './team.ts'

const once = 'Kj9#mPx2$vNq'
const again = 'Kj9#mPx2$vNK'
const request = '12 characters, no character twice'

async function run(passwords: readonly string[], retries?: number) {
  const team = passwordTeam({
    randomInt: drawing(...passwords),
    ...(retries === undefined ? {} : { retries }),
  })
  return runTeam(team, request, { model: createOfflineModel(team.agents) })
}

const story = ({ history }: Awaited<ReturnType<typeof run>>) =>
  history.map(({ from, to, content }) => `${from} → ${to}: ${content}`)

describe('a password that fails by chance', () => {
  it('is made again, with what the tester recommends', async () => {
    const { context, ...end } = await run([again, once])

    expect(context.plan?.noRepeats).toBe(true)
    expect(context.implementation?.password.reveal()).toBe(once)
    expect(context.testResults).toMatchObject({ verdict: 'PASS' })
    expect(story({ context, ...end })).toEqual([
      'planner → implementer: Plan created. Handing off to Implementer.',
      'implementer → tester: Password generated. Handing off to Tester for validation.',
      'tester → implementer: Attempt 1 of 3 failed. Handing back to Implementer.',
      'implementer → tester: Password generated. Handing off to Tester for validation.',
      'tester → coordinator: Validation complete. Verdict: PASS',
    ])
    const rejected = end.history.find(({ type }) => type === 'password.rejected')
    expect(rejected?.data).toEqual({
      attempt: 1,
      of: 3,
      recommendations: [
        'Make it again: characters occur twice, and the plan wants each at most once.',
      ],
    })
  })

  it('is made three times at most, and then fails', async () => {
    const { context, history } = await run([again, again, again])

    expect(context.testResults).toMatchObject({
      verdict: 'FAIL',
      recommendations: [
        'Make it again: characters occur twice, and the plan wants each at most once.',
      ],
    })
    expect(context.testResults?.checks.at(-1)).toEqual({
      name: 'no character twice',
      passed: false,
      detail: '1 repeated',
    })
    expect(history.filter(({ type }) => type === 'password.ready')).toHaveLength(3)
  })

  it('is not made again without retries', async () => {
    const { history } = await run([again], 0)

    expect(history.map(({ to }) => to)).toEqual(['implementer', 'tester', 'coordinator'])
  })
})

describe('a plan that can never pass', () => {
  it('goes to the coordinator at once, with the recommendation', async () => {
    const team = passwordTeam()
    const { context, history } = await runTeam(team, 'a password of 8 characters', {
      model: createOfflineModel(team.agents),
    })

    expect(history.map(({ to }) => to)).toEqual(['implementer', 'tester', 'coordinator'])
    expect(context.testResults).toMatchObject({ verdict: 'FAIL' })
    expect(context.testResults?.recommendations[0]).toContain('Use at least 12 characters')
  })
})

describe('retries', () => {
  it.for([-1, 1.5, Number.NaN, 11])('cannot be %d', (retries) => {
    expect(() => passwordTeam({ retries })).toThrow(
      `retries is ${retries}: expected a whole number from 0 to 10`,
    )
  })

  it('are none where nobody is to be sent back to', () => {
    expect(decide({ verdict: 'FAIL', canPass: true, history: [] }, undefined)).toEqual({
      next: 'go on',
      attempt: 1,
      of: 1,
    })
  })
})
