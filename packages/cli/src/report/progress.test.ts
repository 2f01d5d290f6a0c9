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

function message(
  from: string,
  to: string,
  parts: Partial<Message> = {},
): RecordDraft & { readonly kind: 'message' } {
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

function settle(
  role: string,
  parts: { outcome: 'done' | 'failed' | 'dead' | 'cancelled'; retryAt?: number },
) {
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
      message('tester', 'code-reviewer', { causationId: 'to-tester' }),
      log('code-reviewer', 'Looking.'),
      message('code-reviewer', 'coordinator', { causationId: 'to-code-reviewer' }),
    )

    expect(lines).toEqual([
      ...['', '📋 PHASE 1: PLANNING', '  [PLANNER] Thinking.'],
      ...['', '🔧 PHASE 2: IMPLEMENTATION', '  [IMPLEMENTER] Making.'],
      ...['', '🧪 PHASE 3: TESTING', '  [TESTER] Testing.'],
      ...['', '▶ PHASE 4: CODE-REVIEWER', '  [CODE-REVIEWER] Looking.'],
    ])
  })

  it('has the headings of branches together, one for their join, and none for what is asked', () => {
    const fanOut = { to: 'reviewer', join: 'all.joined', types: ['found'], policy: 'all' as const }
    const asked = { attempt: 1, step: 1 }
    const lines = linesOf(
      message('coordinator', 'implementer'),
      log('implementer', 'Made.'),
      { ...settle('implementer', { outcome: 'done' }), fanOut },
      message('implementer', 'tester', { causationId: 'to-implementer' }),
      message('implementer', 'ux-writer', { causationId: 'to-implementer' }),
      log('ux-writer', 'Asking.'),
      { ...message('ux-writer', 'planner', { causationId: 'to-ux-writer' }), asked },
      log('planner', 'Telling.'),
      message('planner', 'ux-writer', { id: 'reply', causationId: 'to-planner' }),
      log('tester', 'Tested.'),
      message('tester', 'reviewer', { id: 'a', type: 'found', causationId: 'to-tester' }),
      message('ux-writer', 'reviewer', { id: 'b', type: 'found', causationId: 'to-ux-writer' }),
      {
        ...message('implementer', 'reviewer', {
          type: 'all.joined',
          causationId: 'to-implementer',
        }),
        joined: ['a', 'b'],
      },
      log('reviewer', 'Good.'),
    )

    expect(lines).toEqual([
      ...['', '🔧 PHASE 1: IMPLEMENTATION', '  [IMPLEMENTER] Made.'],
      ...['', '🧪 PHASE 2: TESTING', '📝 PHASE 3: GUIDANCE'],
      ...['  [UX-WRITER] Asking.', '  [PLANNER] Telling.', '  [TESTER] Tested.'],
      ...['', '🏁 PHASE 4: REVIEW', '  [REVIEWER] Good.'],
    ])
  })

  it('says of a branch that it was cancelled', () => {
    const record = { ...settle('tester', { outcome: 'cancelled' }) }
    expect(linesOf(record)).toEqual(['  [TESTER] Cancelled: the disk is full.'])
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
