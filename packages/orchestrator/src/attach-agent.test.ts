import {
  createOfflineModel,
  defineListener,
  PasswordReady,
  passwordTeam,
  securityAuditor,
  uxWriter,
} from '@nanoagent/agents'
import { createOpenAIModel } from '@nanoagent/agents/openai'
import { createMemoryJournal } from '@nanoagent/bus'
import { beforeAll, describe, expect, it } from 'vitest'
import { playModel } from '../test/crash/model-endpoint.ts'
import { attachAgent, createOrchestrator, replayRun } from './index.ts'

describe('over runs that it was not in', () => {
  const journal = createMemoryJournal()
  const team = passwordTeam()
  const runs: string[] = []
  const auditor = securityAuditor({ next: 'reviewer' })

  beforeAll(async () => {
    const model = createOfflineModel(team.agents)
    await using orchestrator = createOrchestrator({ team, model, journal })
    for (const request of ['a password of 20 characters', 'a PIN']) {
      runs.push((await orchestrator.run(request, { thread: 'talk' })).runId)
    }
  })

  it('an agent says what it would have published, with a model over HTTP, and nothing is stored', async () => {
    const last = await journal.lastSeq()
    await using endpoint = await playModel([auditor])
    const model = createOpenAIModel({ apiKey: 'key', baseUrl: endpoint.baseUrl, model: 'gpt-test' })

    const attached = await Array.fromAsync(attachAgent({ agent: auditor, journal, runs, model }))

    expect(endpoint.requests).toHaveLength(4)
    expect(attached.map(({ runId }) => runId)).toEqual(runs)
    for (const { deliveryId, role, message, messages, lines, end, usage } of attached) {
      expect(deliveryId).toBe(`${message.id}@security-auditor`)
      expect([role, message.type, message.to]).toEqual([
        'security-auditor',
        'password.ready',
        'tester',
      ])
      expect(end).toEqual({ outcome: 'done' })
      expect(messages).toMatchObject([{ to: 'reviewer', type: 'audit.reported' }])
      expect(lines.at(-1)?.text).toMatch(/^Audit complete/)
      expect(usage.modelCalls).toBe(2)
      expect(usage.toolCalls).toBeGreaterThan(3)
    }
    expect(await journal.lastSeq()).toBe(last)
    for (const runId of runs) {
      expect((await replayRun({ team, journal, runId })).status).toBe('identical')
    }
  })

  it('an agent that asks somebody fails, and says so', async () => {
    const agent = uxWriter({ next: 'reviewer', asks: 'planner' })
    const model = createOfflineModel([agent])

    const [attached] = await Array.fromAsync(attachAgent({ agent, journal, runs, model }))

    expect(attached?.end).toMatchObject({
      outcome: 'dead',
      error: {
        message:
          "step 1, an ask for 'purpose.asked', is not in the record: nobody answers in a run that is past",
      },
    })
    expect(attached?.messages).toEqual([])
  })

  it('a listener hears, and publishes nothing', async () => {
    const agent = defineListener({
      role: 'scribe',
      description: 'Keeps what was made.',
      listens: [PasswordReady],
      handle: ({ data }, ctx) => {
        ctx.memory.set('made', data.passwords)
        ctx.log('{count} made', { count: data.passwords.length })
      },
    })
    const model = createOfflineModel([])

    const attached = await Array.fromAsync(attachAgent({ agent, journal, runs, model }))

    expect(attached).toMatchObject([
      { lines: [{ data: { count: 1 } }], memories: [{ key: 'made' }], messages: [] },
      { lines: [{ data: { count: 1 } }], memories: [{ key: 'made' }], messages: [] },
    ])
    expect(await Array.fromAsync(journal.memory.list({ role: 'scribe' }))).toEqual([])
  })
})
