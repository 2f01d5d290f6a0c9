import { type JournalRecord, Secret } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { plain } from '../screen/paint.ts'
import { recordLine, subjectOf } from './record-line.ts'

const place = { runId: 'run', at: 2_000, seq: 1 }
const attempt = { ...place, messageId: 'run.h', attempt: 2 }
const step = {
  ...attempt,
  kind: 'step',
  step: [1],
  stepKind: 'tool',
  name: 'look',
  request: {},
  startedAt: 1_500,
} as const
const settle = {
  ...attempt,
  kind: 'settle',
  role: 'worker',
  startedAt: 1_000,
  published: [],
} as const
const error = { name: 'Error', code: 'error', message: 'it is\u001b[2J down.' }
const message = {
  id: 'run.h',
  runId: 'run',
  type: 'plan.ready',
  from: 'planner',
  to: 'worker',
  causationId: 'run',
  sentAt: 1,
  content: 'Plan created.',
  data: {},
  metadata: {},
}
const usage = { inputTokens: 1, outputTokens: 2, modelCalls: 1, toolCalls: 0 }
const limits = { maxHops: 32 }
const secret = new Secret('hunter2hunter2').name('secret:run.h#1')

const cases: readonly (readonly [string, JournalRecord])[] = [
  [
    'run opened by team writers',
    {
      ...place,
      kind: 'run.opened',
      version: 1,
      terminal: 'a.b',
      limits,
      seed: 1,
      about: { team: 'writers' },
    },
  ],
  [
    'run goes on, it was failed: it is down',
    { ...place, kind: 'run.reopened', reason: 'it was failed: it is down.', limits, revived: [] },
  ],
  [
    'run timed out: it took too long (1 request, 3 tokens)',
    { ...place, kind: 'run.ended', status: 'timed_out', reason: 'it took too long', usage },
  ],
  ['planner → worker plan.ready  Plan created.', { ...place, kind: 'message', message }],
  [
    'planner asks worker plan.ready  Plan created.',
    { ...place, kind: 'message', message, asked: { attempt: 1, step: 1 } },
  ],
  [
    'planner joins for worker plan.ready  Plan created.',
    { ...place, kind: 'message', message, joined: [] },
  ],
  ['planner begins attempt 2 again', { ...attempt, kind: 'start', start: 2 }],
  [
    'planner tool look in 500 ms, 3 tokens',
    { ...step, outcome: { type: 'response', response: 1 }, usage },
  ],
  [
    'planner begins tool look, once',
    { ...step, outcome: { type: 'intent' }, idempotencyKey: 'key' },
  ],
  ['planner leaves tool look without an end', { ...step, outcome: { type: 'intent' } }],
  [
    'planner tool look failed after 500 ms: it is down',
    { ...step, outcome: { type: 'error', error, terminal: true } },
  ],
  ['planner done in 1.0 s', { ...settle, outcome: 'done' }],
  [
    'planner attempt 2 failed in 1.0 s: it is down; again in 250 ms',
    { ...settle, outcome: 'failed', error, retryAt: 2_250 },
  ],
  ['planner gave up at attempt 2: it is down', { ...settle, outcome: 'dead', error }],
  ['planner cancelled: it is down', { ...settle, outcome: 'cancelled', error }],
  [
    'planner made secret:run.h#1',
    {
      ...attempt,
      kind: 'log',
      role: 'worker',
      number: 1,
      text: 'made {password}',
      data: { password: secret },
    },
  ],
  [
    'planner remembers length',
    { ...attempt, kind: 'memory', id: 'run.h/m1', role: 'worker', key: 'length', value: 24 },
  ],
  [
    'planner forgot length',
    { ...attempt, kind: 'memory', id: 'run.h/m1', role: 'worker', key: 'length' },
  ],
]

describe('a record in a line', () => {
  it.for(cases)('%s', ([line, record]) => {
    expect(recordLine(record, 'planner', plain)).toBe(line)
    expect(subjectOf(record)).toBe(record.kind.startsWith('run.') ? '' : '.h')
  })
})
