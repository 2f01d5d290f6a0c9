import { describe, expect, it } from 'vitest'
import { COORDINATOR } from '../message.ts'
import { askPath, replyPath } from '../paths.ts'
import type { JournalRecord, MessageRecord } from '../records.ts'
import { CausalPast, sharedContext } from './context.ts'

/** A message whose cause is what its id says, unless it is told. */
function message(id: string, more: Partial<MessageRecord> = {}, causationId = causeOf(id)) {
  const from = causationId === undefined || id.startsWith('run.x') ? COORDINATOR : 'somebody'
  const place = { runId: 'run', type: 'a.b', from, to: 'worker', sentAt: 1, metadata: {} }
  return {
    kind: 'message',
    runId: 'run',
    at: 1,
    message: {
      id,
      ...place,
      content: '',
      data: {},
      ...(causationId === undefined ? {} : { causationId }),
    },
    ...more,
  } as const
}

function causeOf(id: string): string | undefined {
  const end = id.lastIndexOf('.')
  return end === -1 ? undefined : id.slice(0, end)
}

function ask(id: string, attempt: number, step: number): MessageRecord {
  return message(id, { asked: { attempt, step } })
}

function pastOf(...records: readonly MessageRecord[]): CausalPast {
  const past = new CausalPast()
  for (const record of records) past.add(record)
  return past
}

const idsOf = (past: CausalPast, id: string) => past.of(id).map((one) => one.id)

describe('the causal past', () => {
  it('is the way from the root to the message, and nothing else of the run', () => {
    const past = pastOf(message('run'), message('run.x1'), message('run.h'), message('run.h.h'))
    expect(idsOf(past, 'run.h.h')).toEqual(['run', 'run.h', 'run.h.h'])
    expect(idsOf(past, 'run.x1')).toEqual(['run', 'run.x1'])
    expect(idsOf(past, 'run')).toEqual(['run'])
    expect(idsOf(past, 'run.h.h.h')).toEqual([])
  })

  it('of a branch has no sibling; of a join it has all that it joined, in the order of the fan-out', () => {
    const joined = ['run.b1.h.h', 'run.b2', 'run.b3.h']
    const past = pastOf(
      message('run'),
      ...['run.b1', 'run.b2', 'run.b3', 'run.b3.h', 'run.b1.h', 'run.b1.h.h'].map((id) =>
        message(id),
      ),
      message('run.j', { joined }),
      message('run.j.h'),
    )
    expect(idsOf(past, 'run.b1.h')).toEqual(['run', 'run.b1', 'run.b1.h'])
    const all = ['run', 'run.b1', 'run.b1.h', 'run.b1.h.h', 'run.b2', 'run.b3', 'run.b3.h']
    expect(idsOf(past, 'run.j.h')).toEqual([...all, 'run.j', 'run.j.h'])
  })

  it('of a join in a join has the branches inside where their join is', () => {
    const past = pastOf(
      message('run'),
      message('run.b1'),
      message('run.b2'),
      message('run.b1.b1'),
      message('run.b1.b1.h'),
      message('run.b1.j', { joined: ['run.b1.b1.h'] }),
      message('run.b1.j.h'),
      message('run.j', { joined: ['run.b1.j.h', 'run.b2'] }),
    )
    expect(idsOf(past, 'run.j')).toEqual([
      'run',
      'run.b1',
      'run.b1.b1',
      'run.b1.b1.h',
      'run.b1.j',
      'run.b1.j.h',
      'run.b2',
      'run.j',
    ])
  })

  it('has what a handler was answered before what it published, in the order in which it asked', () => {
    const past = pastOf(
      message('run'),
      ask('run.a1-2', 1, 2),
      ask('run.a1-1', 1, 1),
      message('run.a1-2.r'),
      message('run.a1-1.r'),
      message('run.h'),
    )
    const answered = ['run.a1-1', 'run.a1-1.r', 'run.a1-2', 'run.a1-2.r']
    expect(idsOf(past, 'run.h')).toEqual(['run', ...answered, 'run.h'])
  })

  it('has more than nine asks in the order in which they were asked', () => {
    const ids = Array.from({ length: 12 }, (_none, index) => askPath('run', 1, index + 1))
    const past = pastOf(message('run'), ...ids.map((id, index) => ask(id, 1, index + 1)))
    for (const id of ids.toReversed()) past.add(message(replyPath(id)))
    past.add(message('run.h'))
    expect(idsOf(past, 'run.h')).toEqual([
      'run',
      ...ids.flatMap((id) => [id, replyPath(id)]),
      'run.h',
    ])
  })

  it('of an ask has what its asker handled, not what that was answered meanwhile', () => {
    const past = pastOf(
      message('run'),
      ask('run.a1-1', 1, 1),
      message('run.a1-1.r'),
      ask('run.a1-2', 1, 2),
      ask('run.a1-2.a1-1', 1, 1),
      message('run.a1-2.a1-1.r'),
      message('run.a1-2.r'),
    )
    expect(idsOf(past, 'run.a1-2')).toEqual(['run', 'run.a1-2'])
    expect(idsOf(past, 'run.a1-2.r')).toEqual([
      'run',
      'run.a1-2',
      'run.a1-2.a1-1',
      'run.a1-2.a1-1.r',
      'run.a1-2.r',
    ])
  })

  it('has no ask without a reply, and none of an attempt that has failed', () => {
    const past = pastOf(message('run'), ask('run.a1-1', 1, 1), message('run.a1-1.r'))
    past.failed('run')
    for (const record of [ask('run.a2-1', 2, 1), ask('run.a2-2', 2, 2), message('run.a2-2.r')]) {
      past.add(record)
    }
    past.add(message('run.h'))
    expect(idsOf(past, 'run.h')).toEqual(['run', 'run.a2-2', 'run.a2-2.r', 'run.h'])
  })

  it('of a message from outside has no answer of the handler that it comes beside', () => {
    const past = pastOf(
      message('run'),
      ask('run.a1-1', 1, 1),
      message('run.a1-1.r'),
      message('run.x1'),
      message('run.x1.h'),
    )
    expect(idsOf(past, 'run.x1.h')).toEqual(['run', 'run.x1', 'run.x1.h'])
  })

  it('gives a message as it was read the last time', () => {
    const past = pastOf(message('run'), message('run.h'))
    const again = { ...message('run').message, data: { read: 'again' } }
    past.replace(again)
    past.replace({ ...again, id: 'unknown' })
    expect(past.of('run.h')[0]).toBe(again)
    expect(past.all().map(({ id }) => id)).toEqual(['run', 'run.h'])
    expect(past.get('unknown')).toBeUndefined()
  })

  it('is read from records, failed attempts and all', () => {
    const settled = { kind: 'settle', runId: 'run', at: 1, messageId: 'run', role: 'w' } as const
    const failed = { ...settled, attempt: 1, outcome: 'failed', published: [] } as const
    const done = { ...settled, attempt: 2, outcome: 'done', published: ['run.h'] } as const
    const drafts = [
      message('run'),
      ask('run.a1-1', 1, 1),
      message('run.a1-1.r'),
      failed,
      done,
      message('run.h'),
    ]
    const records: JournalRecord[] = drafts.map((draft, index) => ({ ...draft, seq: index + 1 }))
    const { request, history } = sharedContext(records, 'run.h')
    expect(request?.id).toBe('run')
    expect(history.map(({ id }) => id)).toEqual(['run', 'run.h'])
    expect(sharedContext(records, 'unknown')).toEqual({ request: undefined, history: [] })
  })
})
