import { causalGraph, createBus, defineMessage, type JournalRecord } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { recordDeadBranch, recordTimedOut } from '../../test/recorded-runs.ts'
import type { TraceFilter } from './trace-command.ts'
import { isOfMessages, selectedMessages, selection } from './trace-filter.ts'

async function selected(filter: TraceFilter): Promise<readonly string[]> {
  return [...selectedMessages(causalGraph(await recordDeadBranch()), filter)].sort()
}

describe('the filter of a trace', () => {
  it.for<{ filter: TraceFilter; ids: readonly string[] }>([
    { filter: { role: 'reader' }, ids: ['run.b1', 'run.b2'] },
    { filter: { role: 'ear' }, ids: ['run.a1-1', 'run.j.h'] },
    { filter: { type: 'hinted' }, ids: ['run.a1-1.r'] },
    { filter: { status: 'failed' }, ids: ['run.b2'] },
    { filter: { status: 'dead' }, ids: ['run.b2'] },
    { filter: { text: 'ILLEG' }, ids: ['run.b2', 'run.j'] },
    { filter: { role: 'reader', text: 'good' }, ids: ['run.b1'] },
    { filter: { role: 'nobody' }, ids: [] },
  ])('$filter selects $ids', async ({ filter, ids }) => {
    expect(await selected(filter)).toEqual(ids)
  })

  it('is none where nothing is asked for', () => {
    expect(selection({})).toBeUndefined()
  })

  it('takes what gave up at once for failed, too', async () => {
    await using bus = createBus()
    const Asked = defineMessage('asked', z.string())
    bus.subscribe('reader', {
      accepts: [Asked],
      attempts: 1,
      handle() {
        throw new Error('illegible')
      },
    })
    const records: JournalRecord[] = []
    bus.observe((stored) => records.push(stored))
    await bus.publish('reader', Asked, 'why', { terminal: Asked, runId: 'run' }).result

    expect([...selectedMessages(causalGraph(records), { status: 'failed' })]).toEqual(['run'])
  })

  it('takes what was under way for open', async () => {
    const graph = causalGraph(await recordTimedOut())

    expect([...selectedMessages(graph, { status: 'open' })]).toEqual(['run.h'])
  })

  it('selects the records of messages, those of listeners too', async () => {
    const records = await recordDeadBranch()
    const ids = new Set(['run.a1-1'])
    const kinds = records.filter((record) => isOfMessages(record, ids)).map(({ kind }) => kind)

    expect(kinds.sort()).toEqual(['message', 'settle', 'settle'])
  })
})
