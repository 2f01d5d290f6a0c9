import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { InvalidMessageError, MessageTypeError } from './errors.ts'
import { defineJoin, isJoinType, type JoinPolicy, valuesOf } from './join-type.ts'
import { type DataOf, defineMessage } from './message-type.ts'
import { Secret, secret } from './secret.ts'

const Tested = defineMessage('password.tested', z.object({ passed: z.boolean() }))
const Audited = defineMessage(
  'audit.reported',
  z.object({ key: secret(), notes: z.array(z.string()).default([]) }),
)

const done = { to: 'tester', status: 'done', type: 'password.tested', data: { passed: true } }
const failed = { to: 'auditor', status: 'failed', reason: 'exhausted', error: 'it broke' }
const cancelled = { to: 'writer', status: 'cancelled' }

describe('defineJoin', () => {
  test('makes a message type that waits for all of its branches, where nobody says otherwise', () => {
    const Joined = defineJoin('checks.joined', [Tested, Audited])
    expect(Joined.name).toBe('checks.joined')
    expect(Joined.join).toEqual({ types: [Tested, Audited], policy: 'all' })
    expect(isJoinType(Joined)).toBe(true)
    expect(isJoinType(Tested)).toBe(false)
  })

  test.each<[JoinPolicy, readonly object[], readonly object[]]>([
    ['all', [done], [failed, cancelled]],
    ['all-settled', [done, failed], [cancelled]],
    [{ first: 1 }, [done, failed, cancelled], []],
  ])('with the policy %o holds what its branches can come to', (policy, fits, refused) => {
    const Joined = defineJoin('checks.joined', [Tested, Audited], { policy })
    expect(Joined.parse({ branches: fits })).toEqual({ branches: fits })
    for (const branch of refused) {
      expect(() => Joined.parse({ branches: [branch] })).toThrow(InvalidMessageError)
    }
  })

  test.each([
    { ...done, data: { passed: 'yes' } },
    { ...done, type: 'audit.reported' },
    { ...done, type: 'other.type' },
    { ...done, to: 1 },
    { ...done, status: 'unknown' },
  ])('takes no branch such as %o', (branch) => {
    const Joined = defineJoin('checks.joined', [Tested, Audited], { policy: 'all-settled' })
    expect(() => Joined.parse({ branches: [branch] })).toThrow(InvalidMessageError)
  })

  test('reads its data again as it was: frozen, with secrets and defaults', () => {
    const Joined = defineJoin('checks.joined', [Tested, Audited])
    const branch = { to: 'auditor', status: 'done', type: 'audit.reported' }
    const once = Joined.parse({ branches: [{ ...branch, data: { key: 'hidden' } }, done] })
    const [audit] = valuesOf(once, Audited)
    expect(audit?.key).toBeInstanceOf(Secret)
    expect(audit?.notes).toEqual([])
    expect(Object.isFrozen(audit?.notes)).toBe(true)
    const again = Joined.parse(once)
    expect(again).toEqual(once)
    expect(valuesOf(again, Audited)[0]?.key).toBe(audit?.key)
  })

  test('is refused without types, with one type twice, and with a policy that waits for nobody', () => {
    // @ts-expect-error there is no type
    expect(() => defineJoin('a.joined', [])).toThrow("the join 'a.joined' names no type")
    expect(() => defineJoin('a.joined', [Tested, Audited, Tested])).toThrow(
      "the join 'a.joined' names password.tested twice: name each type that a branch ends with once",
    )
    for (const first of [0, -1, 1.5, Number.NaN]) {
      expect(() => defineJoin('a.joined', [Tested], { policy: { first } })).toThrow(
        `the join 'a.joined' waits for the first ${first} branches: use a whole number from 1`,
      )
    }
    // @ts-expect-error there is no such policy
    expect(() => defineJoin('a.joined', [Tested], { policy: 'any' })).toThrow(
      "the join 'a.joined' has the policy 'any': use 'all', 'all-settled' or { first: n }",
    )
    expect(() => defineJoin('A Join', [Tested])).toThrow(MessageTypeError)
  })

  test('its data is typed by its types and its policy', () => {
    const All = defineJoin('checks.joined', [Tested, Audited])
    const Settled = defineJoin('settled.joined', [Tested], { policy: 'all-settled' })
    const First = defineJoin('first.joined', [Tested], { policy: { first: 2 } })
    type Branch<T extends { readonly branches: readonly unknown[] }> = T['branches'][number]
    expectTypeOf<Branch<DataOf<typeof All>>['status']>().toEqualTypeOf<'done'>()
    expectTypeOf<Branch<DataOf<typeof All>>['type']>().toEqualTypeOf<
      'password.tested' | 'audit.reported'
    >()
    expectTypeOf<Branch<DataOf<typeof Settled>>['status']>().toEqualTypeOf<'done' | 'failed'>()
    expectTypeOf<Branch<DataOf<typeof First>>['status']>().toEqualTypeOf<
      'done' | 'failed' | 'cancelled'
    >()
    expectTypeOf(First.join.policy.first).toEqualTypeOf<2>()
    expectTypeOf(All.name).toEqualTypeOf<'checks.joined'>()
    expect([All, Settled, First].every(isJoinType)).toBe(true)
  })
})

describe('valuesOf', () => {
  test('gives the data of one type, in the order of the branches', () => {
    const Settled = defineJoin('settled.joined', [Tested, Audited], { policy: { first: 3 } })
    const tested = (to: string, passed: boolean) => ({ ...done, to, data: { passed } })
    const joined = Settled.parse({
      branches: [
        tested('a', false),
        failed,
        { to: 'b', status: 'done', type: 'audit.reported', data: { key: 'hidden' } },
        cancelled,
        tested('c', true),
      ],
    })
    expect(valuesOf(joined, Tested)).toEqual([{ passed: false }, { passed: true }])
    expect(valuesOf(joined, Audited)).toHaveLength(1)
    expect(valuesOf({ branches: [] }, Tested)).toEqual([])
    expectTypeOf(valuesOf(joined, Tested)).toEqualTypeOf<readonly { readonly passed: boolean }[]>()
  })
})
