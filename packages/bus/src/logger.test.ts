import { describe, expect, test } from 'vitest'
import { harmless, type Logger, logRecord } from './logger.ts'
import type { JournalRecord, RunStatus } from './records.ts'
import { recordingLogger } from './testing/contract/recording-logger.ts'

const place = { runId: 'run', at: 1, seq: 7 } as const
const inAttempt = { ...place, messageId: 'run', attempt: 1 } as const
const usage = { inputTokens: 1, outputTokens: 2, modelCalls: 3, toolCalls: 4 }
const settled = { ...inAttempt, kind: 'settle', role: 'worker', published: [] } as const

function lineOf(record: JournalRecord) {
  const { logger, lines } = recordingLogger()
  logRecord(logger, record)
  expect(lines).toHaveLength(1)
  return lines[0]
}

describe('a line for a record', () => {
  const levels: readonly (readonly [string, keyof Logger, JournalRecord])[] = [
    [
      'a run that opens',
      'info',
      {
        ...place,
        kind: 'run.opened',
        version: 1,
        terminal: 'a.b',
        limits: { maxHops: 3 },
        seed: 1,
        about: { team: 'x' },
      },
    ],
    [
      'a run that goes on',
      'info',
      { ...place, kind: 'run.reopened', reason: 'why', limits: { maxHops: 1 }, revived: [] },
    ],
    ['a delivery that is done', 'debug', { ...settled, outcome: 'done' }],
    ['an attempt that failed', 'warn', { ...settled, outcome: 'failed' }],
    ['a delivery that nobody waits for', 'debug', { ...settled, outcome: 'cancelled' }],
    ['a dead letter', 'error', { ...settled, outcome: 'dead', reason: 'exhausted' }],
    ['a later start', 'trace', { ...inAttempt, kind: 'start', start: 2 }],
    [
      'a memory',
      'trace',
      { ...inAttempt, kind: 'memory', id: 'run/m1', role: 'worker', key: 'k', value: 1 },
    ],
  ]
  test.each(levels)('for %s is %s', (_name, level, record) => {
    expect(lineOf(record)).toMatchObject({ level })
  })

  test('for an end is info where the run completed, and error where it did not', () => {
    const end = (status: RunStatus) =>
      lineOf({ ...place, kind: 'run.ended', status, reason: 'because', usage })
    expect(end('completed')?.level).toBe('info')
    const statuses = ['failed', 'cancelled', 'timed_out', 'budget_exhausted', 'stalled'] as const
    for (const status of statuses) {
      expect(end(status)).toMatchObject({ level: 'error', entry: { status, reason: 'because' } })
    }
  })

  test('for a message is its human line, without its data', () => {
    const message = {
      id: 'run.h',
      runId: 'run',
      type: 'a.b',
      from: 'x',
      to: 'y',
      sentAt: 1,
      content: 'Handing off to Y.',
      data: { much: 'data' },
      metadata: {},
    }
    const line = lineOf({ ...place, kind: 'message', message })
    expect(line).toMatchObject({ level: 'debug', text: 'Handing off to Y.', entry: { to: 'y' } })
    expect(JSON.stringify(line)).not.toContain('much')
  })

  test('for what an agent wrote is its text', () => {
    const data = { name: 'x' }
    const record = {
      ...inAttempt,
      kind: 'log',
      role: 'y',
      number: 1,
      text: 'hi {name}',
      data,
    } as const
    expect(lineOf(record)).toMatchObject({ level: 'debug', text: 'hi {name}', entry: { data } })
  })
})

test('a harmless logger passes everything on, and swallows what the other throws', () => {
  const { logger, lines } = recordingLogger()
  const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const
  for (const level of levels) harmless(logger)[level]({ level }, 'text')
  expect(lines.map(({ level }) => level)).toEqual(levels)
  const fail = () => {
    throw new Error('full')
  }
  const broken = { trace: fail, debug: fail, info: fail, warn: fail, error: fail }
  for (const level of levels) expect(() => harmless(broken)[level]({}, 'text')).not.toThrow()
})
