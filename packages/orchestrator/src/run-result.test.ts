import { createOfflineModel, passwordTeam } from '@nanoagent/agents'
import { createMemoryJournal, type JournalRecord } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { answerTeam, echo } from '../test/teams.ts'
import { createOrchestrator, recordedResult } from './index.ts'

describe('what came of a recorded run', () => {
  it('is what its caller got', async () => {
    const team = passwordTeam()
    const journal = createMemoryJournal()
    const model = createOfflineModel(team.agents)
    await using orchestrator = createOrchestrator({ team, model, journal })
    const { durationMs: _live, ...run } = await orchestrator.run('3 PINs')
    const records = await Array.fromAsync(journal.read({ runId: run.runId }))

    expect(recordedResult(team, records)).toEqual({ ...run, durationMs: expect.any(Number) })
  })

  it('is as much as there is of a run that failed, and nothing of one that is open', async () => {
    const team = answerTeam({
      edit: () => {
        throw new Error('no ink')
      },
    })
    const journal = createMemoryJournal()
    const delivery = { attempts: 1 }
    await using orchestrator = createOrchestrator({ team, model: echo, journal, delivery })
    const { runId } = await orchestrator.run('why?')
    const records = await Array.fromAsync(journal.read({ runId }))

    const result = recordedResult(team, records)
    expect(result).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('no ink'),
      context: { question: 'why?', draft: { text: 'echo why?' } },
      history: [{ from: 'writer' }],
    })
    expect(result).not.toHaveProperty('output')
    expect(recordedResult(team, records.slice(0, -1))).toBeUndefined()
    expect(recordedResult(team, [])).toBeUndefined()
  })

  it('leaves out data that does not fit its type any more', async () => {
    const team = answerTeam()
    const journal = createMemoryJournal()
    await using orchestrator = createOrchestrator({ team, model: echo, journal })
    const { runId } = await orchestrator.run('why?')
    const records: JournalRecord[] = []
    for await (const record of journal.read({ runId })) {
      records.push(
        record.kind === 'message' && record.message.type === team.terminal.name
          ? { ...record, message: { ...record.message, data: { said: 'so' } } }
          : record,
      )
    }

    const result = recordedResult(team, records)
    expect(result?.status).toBe('completed')
    expect(result?.output).toBeUndefined()
    expect(result?.context.answer).toBeUndefined()
    expect(result?.history).toHaveLength(2)
    expect(result?.context.draft).toEqual({ text: 'echo why?' })
  })
})
