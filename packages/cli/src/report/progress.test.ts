import { type JournalRecord, type Message, type RecordDraft, Secret } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { plain } from '../screen/paint.ts'
import { createProgress } from './progress.ts'

function linesOf(...drafts: readonly RecordDraft[]): readonly string[] {
  const lines: string[] = []
  const show = createProgress((line) => lines.push(line), plain)
  drafts.forEach((draft, index) => {
    const record: JournalRecord = { ...draft, seq: index + 1 }
    show(record)
  })
  return lines
}

const about = { runId: 'r', at: 1_000 }

function message(from: string, to: string, parts: Partial<Message> = {}): RecordDraft {
  const envelope = { id: `to-${to}`, runId: 'r', type: 'a.type', from, to, sentAt: 1_000 }
  const rest = { content: `Handing off to ${to}.`, data: {}, metadata: {} }
  return { ...about, kind: 'message', message: { ...envelope, ...rest, ...parts } }
}

function log(
  role: string,
  text: string,
  data: Readonly<Record<string, unknown>> = {},
): RecordDraft {
  const where = { messageId: `to-${role}`, attempt: 1, role, number: 1 }
  return { ...about, kind: 'log', ...where, text, data: Object.freeze(data) }
}

function settle(role: string, parts: { outcome: 'done' | 'failed' | 'dead'; retryAt?: number }) {
  const error = { name: 'Error', code: 'error', message: 'the disk\u001b[31m is full' }
  const where = { messageId: `to-${role}`, attempt: 1, role, published: [] }
  return { ...about, kind: 'settle' as const, ...where, error, ...parts }
}

describe('the progress of a run', () => {
  it('has a heading for each delivery, and none for the coordinator', () => {
    const lines = linesOf(
      message('coordinator', 'planner'),
      log('planner', 'Thinking.'),
      message('planner', 'implementer', { causationId: 'to-planner' }),
      log('implementer', 'Making.'),
      message('implementer', 'tester', { causationId: 'to-implementer' }),
      log('tester', 'Testing.'),
      message('tester', 'security-auditor', { causationId: 'to-tester' }),
      log('security-auditor', 'Looking.'),
      message('security-auditor', 'coordinator', { causationId: 'to-security-auditor' }),
    )

    expect(lines).toEqual([
      ...['', '📋 PHASE 1: PLANNING', '  [PLANNER] Thinking.'],
      ...['', '🔧 PHASE 2: IMPLEMENTATION', '  [IMPLEMENTER] Making.'],
      ...['', '🧪 PHASE 3: TESTING', '  [TESTER] Testing.'],
      ...['', '▶ PHASE 4: SECURITY-AUDITOR', '  [SECURITY-AUDITOR] Looking.'],
    ])
  })

  it('fills in the data of a log line, and masks secrets', () => {
    const password = new Secret('Kj9#mPx2$vNq8&Lw')
    const [line] = linesOf(
      log('tester', '{name} {list} {one} {many} {config} {toString} {missing}', {
        name: 'raw {one}',
        list: [1, 2],
        one: password,
        many: [password, password],
        config: { length: 16, password },
      }),
    )

    const mask = 'Kj9#************'
    expect(line).toBe(
      `  [TESTER] raw {one} [1,2] ${mask} ${mask}, ${mask} ` +
        '{"length":16,"password":"secret:unnamed"} {toString} {missing}',
    )
  })

  it('shows what was handed off where a handler said nothing', () => {
    const lines = linesOf(
      message('coordinator', 'planner'),
      message('planner', 'coordinator', { causationId: 'to-planner', content: 'All\ndone.' }),
    )

    expect(lines).toEqual(['', '📋 PHASE 1: PLANNING', '  [PLANNER] All done.'])
  })

  it('tells of a failed attempt and when it is tried again', () => {
    const lines = linesOf(
      log('planner', 'Thinking.'),
      settle('planner', { outcome: 'failed', retryAt: 1_250 }),
      message('planner', 'coordinator', { causationId: 'to-planner', content: 'Done.' }),
    )

    expect(lines).toEqual([
      '  [PLANNER] Thinking.',
      '  [PLANNER] Attempt 1 failed: the disk is full. Trying again in 0.3 s...',
      '  [PLANNER] Done.',
    ])
  })

  it('tells when it gives up', () => {
    expect(linesOf(settle('planner', { outcome: 'dead' }))).toEqual([
      '  [PLANNER] Failed at attempt 1. Giving up.',
    ])
  })

  it('lets no log line steer the terminal', () => {
    const lines = linesOf(log('plan\u001b[2Jner', 'a\rb {text}', { text: '\u001b]0;owned\u0007c' }))

    expect(lines).toEqual(['  [PLANNER] a b c'])
  })
})
