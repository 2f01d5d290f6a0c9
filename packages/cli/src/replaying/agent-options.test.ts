import { expect, it } from 'vitest'
import { parseArguments } from '../arguments.ts'
import { readChoice } from '../reading/run-choice.ts'

const parse = (...argv: readonly string[]) =>
  parseArguments(argv, { version: '1.0.0', write: () => {} })

const replay = ['replay', '--agent', 'planner']
const attach = ['attach', 'planner', '--runs', 'last']

it('chooses the newest so many runs, all, or one', () => {
  expect(readChoice('last:100')).toEqual({ kind: 'newest', count: 100 })
  expect(readChoice('all')).toEqual({ kind: 'all' })
  expect(readChoice('last~2')).toEqual({ kind: 'one', ref: 'last~2' })
})

it('takes a run, or several in place of it', () => {
  expect(parse(...replay, 'last')).toMatchObject({
    replaying: { name: 'agent', role: 'planner', runs: { kind: 'one', ref: 'last' } },
  })
  expect(parse(...replay, '--runs', 'last:5', '--status', 'failed')).toMatchObject({
    replaying: { runs: { kind: 'newest', count: 5 }, flags: { status: ['failed'] } },
  })
  expect(parse(...attach)).toMatchObject({ agent: 'planner', runs: { kind: 'one', ref: 'last' } })
})

it.each<[string, readonly string[]]>([
  ['replay --agent needs a run, or --runs last:100', replay],
  ['replay --agent takes one run, or --runs in place', [...replay, 'last', '--runs', 'all']],
  ['replay --agent takes one run, or --runs in place', [...replay, 'last', 'last~1']],
  ['--step is for a whole run', [...replay, 'last', '--step']],
  ['--speed is for a whole run', [...replay, 'last', '--speed', 'max']],
  ['--model is for one agent: give --agent ROLE', ['replay', 'last', '--model', 'x']],
  ['--runs is for one agent: give --agent ROLE', ['replay', '--runs', 'last:3']],
  ['--status chooses among several runs', [...replay, 'last', '--status', 'failed']],
  ["argument 'last:0' is invalid: expected last:N", [...replay, '--runs', 'last:0']],
  ['attach takes one agent', ['attach', '--runs', 'last']],
  ['attach takes one agent', [...attach, 'tester']],
  ['attach needs --runs: last:N', ['attach', 'planner']],
  ['--since chooses among several runs', [...attach, '--since', '1d']],
])('refuses what cannot be meant: %s', (says, argv) => {
  expect(() => parse(...argv)).toThrow(says)
})
