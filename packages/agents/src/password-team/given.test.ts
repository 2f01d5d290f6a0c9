import { Secret } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { checkDeterminism, message, runAgent } from '../testing/index.ts'
import { implementer } from './implementer.ts'
import { PasswordReady, PasswordRejected, PlanReady } from './messages.ts'

const plan = {
  purpose: 'a lock',
  kind: 'pin',
  length: 4,
  classes: { uppercase: false, lowercase: false, numbers: true, symbols: false },
  excludeLookAlikes: false,
  exclude: '',
  mustContain: ['28'],
  noRepeats: false,
  count: 1,
  why: 'A PIN.',
} as const

describe('the implementer', () => {
  it('remembers of a password that it gave it, and not what it is', async () => {
    const run = await runAgent(implementer({ next: 'tester' }), message(PlanReady, plan))

    const [[key = '', isGiven] = []] = Object.entries(run.memory)
    expect(key).toMatch(/^given [0-9a-f]{64}$/)
    expect(isGiven).toBe(true)
    const password = run.handoff?.data.password.reveal() ?? 'none'
    expect(JSON.stringify(run.memory)).not.toContain(password)
    await checkDeterminism(run)
  })

  it('says of a turned down password that it was not given', async () => {
    const given = new Secret('2841')
    const data = {
      kind: 'pin' as const,
      password: given,
      passwords: [given],
      config: { kind: 'pin' as const, length: 4 },
    }
    const past = [message(PlanReady, plan), message(PasswordReady, data, { from: 'implementer' })]
    const rejected = message(PasswordRejected, { attempt: 1, of: 2, recommendations: [] })
    const run = await runAgent(implementer({ next: 'tester' }), rejected, { past })

    expect(Object.values(run.memory).sort()).toEqual([false, true])
    await checkDeterminism(run)
  })
})
