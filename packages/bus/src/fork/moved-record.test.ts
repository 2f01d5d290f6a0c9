import { expect, test } from 'vitest'
import { Secret, secretsIn } from '../secret.ts'
import { mover } from './moved-record.ts'

const PARENT = 'the-parent-run-of-all'
const FORK = 'the-fork-of-this-run'

test('moves ids and secrets also inside lists', () => {
  const key = new Secret('hunter2-hunter2').name(`secret:${PARENT}.h#1`)
  const moved = mover(PARENT, FORK)({ ids: [`${PARENT}.h`, 'other'], keys: [[key], []] })
  expect(moved.ids).toEqual([`${FORK}.h`, 'other'])
  const secrets = secretsIn(moved)
  expect(secrets.map((one) => [one.handle, one.reveal()])).toEqual([
    [`secret:${FORK}.h#1`, 'hunter2-hunter2'],
  ])
})

test('leaves data alone that names the run nowhere', () => {
  const data = { ids: ['other'], deep: [{ list: [1, 'two', null] }] }
  expect(mover(PARENT, FORK)(data)).toBe(data)
})
