import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnyPasswordTeam,
  builtInTeams,
  createOfflineModel,
  defineAgent,
  implementer,
  type Model,
  passwordTeam,
  planner,
  type Team,
} from '@nanoagent/agents'
import { createOpenAIModel } from '@nanoagent/agents/openai'
import {
  createMemoryJournal,
  type InputOf,
  type Journal,
  type MessageType,
  NotReplayableError,
} from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playModel } from '../test/crash/model-endpoint.ts'
import { Answered, Asked, answerTeam, echo, heldModel } from '../test/teams.ts'
import { type AgentReplay, attachAgent, createOrchestrator, replayAgent } from './index.ts'

/** Records a run for each request; gives their ids. */
async function recordRuns<Entry extends MessageType>(
  team: Team<Entry>,
  requests: readonly InputOf<Entry>[],
  journal: Journal,
  model: Model = createOfflineModel(team.agents),
): Promise<readonly string[]> {
  await using orchestrator = createOrchestrator({ team, model, journal })
  const ids: string[] = []
  for (const request of requests) {
    ids.push((await orchestrator.run(request, { thread: 'talk' })).runId)
  }
  return ids
}

const statusesOf = (replays: readonly AgentReplay[]) => replays.map(({ status }) => status)

describe('every agent of a built-in team', () => {
  const teams = Object.entries<() => AnyPasswordTeam>(builtInTeams)
  const requests = [
    'A password of 20 characters for my bank',
    '3 PINs',
    'a password of 4 characters',
  ]

  it.each(teams)('does the same again on recorded inboxes (%s)', async (_name, makeTeam) => {
    const journal = createMemoryJournal()
    const team = makeTeam()
    const runs = await recordRuns(team, requests, journal)
    const model = createOfflineModel(team.agents)
    const last = await journal.lastSeq()

    for (const agent of team.agents) {
      const served = await Array.fromAsync(replayAgent({ agent, journal, runs }))
      const live = await Array.fromAsync(replayAgent({ agent, journal, runs, model }))

      expect(served.length).toBeGreaterThanOrEqual(runs.length)
      expect([...served, ...live].filter(({ status }) => status !== 'same')).toEqual([])
      expect(new Set(served.map(({ used }) => used.modelCalls + used.toolCalls))).toEqual(
        new Set([0]),
      )
      expect(live.map(({ used }) => used.modelCalls)).toEqual(
        live.map(({ recorded }) => recorded.modelCalls),
      )
      expect(live.map(({ used }) => used.toolCalls)).toEqual(live.map(() => 0))
    }
    expect(await journal.lastSeq()).toBe(last)
  })
})

describe('an agent with other instructions, over a journal in a file', () => {
  let folder = ''
  let runs: readonly string[] = []
  const team = passwordTeam()
  const path = () => join(folder, 'journal.db')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'replay-agent-'))
    await using journal = await openJournal(path())
    runs = await recordRuns(team, ['a password of 20 characters', '2 passphrases'], journal)
  })
  afterAll(() => rm(folder, { recursive: true }))

  const neverDrawn = () => {
    throw new Error('the password is made again')
  }
  const agent = {
    ...implementer({ next: 'tester', randomInt: neverDrawn }),
    instructions: 'You are terse, and make passwords.',
  }

  it('asks its model anew over HTTP, has recorded tool calls served, and stores nothing', async () => {
    await using endpoint = await playModel(team.agents)
    await using journal = await openJournal(path(), { mode: 'read' })
    const { baseUrl } = endpoint
    const last = await journal.lastSeq()
    const model = createOpenAIModel({ apiKey: 'key', baseUrl, model: 'gpt-test' })

    const replays = await Array.fromAsync(replayAgent({ agent, journal, runs, model }))

    expect(statusesOf(replays)).toEqual(['same', 'same'])
    expect(endpoint.requests).toHaveLength(4)
    expect(replays[0]).toMatchObject({
      role: 'implementer',
      type: 'plan.ready',
      changes: [],
      recorded: { modelCalls: 2, toolCalls: 1 },
      used: { modelCalls: 2, toolCalls: 0 },
    })
    expect(replays[0]?.used.inputTokens).toBeGreaterThan(0)
    expect(await journal.lastSeq()).toBe(last)
  })

  it('fails without a model, and says what is not in the record', async () => {
    await using journal = await openJournal(path(), { mode: 'read' })

    const replays = await Array.fromAsync(replayAgent({ agent, journal, runs }))

    expect(statusesOf(replays)).toEqual(['failed', 'failed'])
    expect(replays[0]?.reason).toBe(
      "step 1, a request to model 'offline' (instructions differs), is not in the record: " +
        'replay it live to have it made',
    )
  })
})

it('an agent that publishes something else is changed, field by field', async () => {
  const journal = createMemoryJournal()
  const team = passwordTeam()
  const runs = await recordRuns(team, ['a password of 20 characters'], journal)
  const [plan] = team.agents
  const offline = createOfflineModel(team.agents)
  const model: Model = {
    ...offline,
    async generate(request, options) {
      const answer = await offline.generate(request, options)
      return { ...answer, content: answer.content.replace('"length":20', '"length":24') }
    },
  }
  if (plan === undefined) throw new Error('there is no planner')

  const [replay] = await Array.fromAsync(
    replayAgent({ agent: planner({ next: 'implementer' }), journal, runs, model }),
  )

  expect(replay).toMatchObject({
    status: 'changed',
    changes: [{ path: 'message.data.length', before: 20, after: 24 }],
  })
})

describe('many runs', () => {
  const team = answerTeam()
  const [writer] = team.agents
  if (writer === undefined) throw new Error('there is no writer')

  it('are read as they are needed, and their deliveries handled at once within bounds', async () => {
    const journal = createMemoryJournal()
    const ids = await recordRuns(
      team,
      Array.from({ length: 12 }, (_, index) => `why ${index}?`),
      journal,
      echo,
    )
    let read = 0
    async function* runs() {
      for (const id of ids) {
        read++
        yield id
      }
    }
    const model = heldModel()
    const replaying = Array.fromAsync(
      replayAgent({ agent: writer, journal, runs: runs(), model, deliveriesAtOnce: 3 }),
    )
    await model.reached(3)
    expect(read).toBe(3)
    for (const _id of ids) {
      await model.reached(1)
      model.letGo()
    }

    expect((await replaying).map(({ runId }) => runId)).toEqual(ids)
    expect(model.most).toBe(3)
    expect(read).toBe(12)
  })

  it('are stopped when nobody waits for more, or the signal says so', async () => {
    const journal = createMemoryJournal()
    const runs = await recordRuns(team, ['why?', 'what?'], journal, echo)
    const model = heldModel()
    const aborter = new AbortController()

    const replays = replayAgent({ agent: writer, journal, runs, model, signal: aborter.signal })
    const next = replays.next()
    await model.reached(2)
    aborter.abort(new Error('enough'))

    await expect(next).rejects.toThrow('enough')
    expect(model.prompts).toEqual([])
  })

  it('may get another agent each, or none', async () => {
    const journal = createMemoryJournal()
    const runs = await recordRuns(team, ['why?', 'what?'], journal, echo)

    const replays = await Array.fromAsync(
      replayAgent({
        agent: ({ runId }) => (runId === runs[0] ? undefined : writer),
        journal,
        runs,
      }),
    )

    expect(replays.map(({ runId }) => runId)).toEqual(runs.slice(1))
  })

  it('are a list, and not one text', async () => {
    const journal = createMemoryJournal()
    const says = "runs is 'abc': expected a list of ids, as in ['abc']"

    // @ts-expect-error a text is no list of ids
    const replays = replayAgent({ agent: writer, journal, runs: 'abc' })
    // @ts-expect-error a text is no list of ids
    const attached = attachAgent({ agent: writer, journal, runs: 'abc', model: echo })

    await expect(replays.next()).rejects.toThrow(says)
    await expect(attached.next()).rejects.toThrow(says)
  })

  it('are refused where one is unknown', async () => {
    const journal = createMemoryJournal()

    await expect(replayAgent({ agent: writer, journal, runs: ['nowhere'] }).next()).rejects.toThrow(
      NotReplayableError,
    )
  })
})

it('an agent that accepts the message no more fails', async () => {
  const journal = createMemoryJournal()
  const runs = await recordRuns(answerTeam(), ['why?'], journal, echo)
  const agent = defineAgent({
    role: 'writer',
    description: 'Writes something else.',
    accepts: [Answered],
    handle() {},
  })

  expect(await Array.fromAsync(replayAgent({ agent, journal, runs }))).toMatchObject([
    {
      status: 'failed',
      reason: expect.stringContaining("'writer' does not accept question.asked"),
    },
  ])
})

it('a listener gets the copies that it got', async () => {
  const journal = createMemoryJournal()
  const { agents, ...rest } = answerTeam()
  const listening = (word: string) => ({
    role: 'scribe',
    description: 'Keeps count.',
    instructions: '',
    tools: [],
    listens: [Asked],
    handle: (_message: unknown, ctx: { memory: { set(key: string, value: unknown): void } }) =>
      ctx.memory.set('word', word),
  })
  const team = { ...rest, agents, listeners: [listening('one')] }
  const runs = await recordRuns(team, ['why?'], journal, echo)

  const replays = await Array.fromAsync(replayAgent({ agent: listening('two'), journal, runs }))

  expect(replays).toMatchObject([
    { status: 'changed', deliveryId: `${runs[0]}@scribe`, changes: [{ path: 'memory.word' }] },
  ])
})
