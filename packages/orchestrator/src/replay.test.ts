import {
  type AnyPasswordTeam,
  askTeam,
  builtInTeams,
  chatTeam,
  createOfflineModel,
  type Model,
  type Team,
} from '@nanoagent/agents'
import {
  createMemoryJournal,
  type InputOf,
  type Journal,
  type MessageType,
  NotReplayableError,
  TerminalError,
} from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type AnswerTeam, answerTeam, echo } from '../test/teams.ts'
import { createOrchestrator, type ReplayDivergence, type RunOptions, replayRun } from './index.ts'

/** Records a run of a team, and replays it. */
async function recordAndReplay<Entry extends MessageType>(
  team: Team<Entry>,
  request: InputOf<Entry>,
  {
    journal = createMemoryJournal(),
    model = createOfflineModel(team.agents),
    ...options
  }: RunOptions & { readonly journal?: Journal; readonly model?: Model } = {},
) {
  await using orchestrator = createOrchestrator({ team, model, journal })
  const run = await orchestrator.run(request, options)
  return { run, report: await replayRun({ team, journal, runId: run.runId }) }
}

/** The records of a run of a team that answers. */
async function recordsOf(team: AnswerTeam, runId = 'run') {
  const journal = createMemoryJournal()
  await recordAndReplay(team, 'why?', { journal, model: echo, runId })
  return await Array.fromAsync(journal.read({ runId }))
}

const REQUESTS = [
  'A password of 20 characters for my bank',
  '3 passwords',
  'a PIN',
  'a passphrase of 6 words for my laptop',
  'a password of 4 characters without digits',
]

describe('a run of a built-in team is replayed alike', () => {
  const teams = Object.entries<() => AnyPasswordTeam>(builtInTeams)
  const requests = teams.flatMap(([name, team]) =>
    REQUESTS.map((request) => [name, request, team] as const),
  )
  it.each(requests)('%s: %s', async (_name, request, team) => {
    const { report } = await recordAndReplay(team(), request)

    expect(report.divergence).toBeUndefined()
    expect(report).toMatchObject({ status: 'identical', recorded: 'completed' })
    expect(new Set(report.deliveries.map(({ status }) => status))).toEqual(new Set(['identical']))
  })

  it.each(teams)('%s, with what it remembers of earlier runs', async (_name, team) => {
    const journal = createMemoryJournal()
    const thread = 'bank'
    await recordAndReplay(team(), 'always 24 characters for the bank', { journal, thread })
    const { report, run } = await recordAndReplay(team(), 'a password for the bank', {
      journal,
      thread,
    })

    expect(run.status).toBe('completed')
    expect(report.divergence).toBeUndefined()
    expect(report.status).toBe('identical')
  })

  it.each([
    'Generate a secure 20-character password',
    'Give me 3 PINs',
    "Check 'hunter2'",
    'hello',
  ])('chat: %s', async (text) => {
    const { report } = await recordAndReplay(chatTeam(), { text, turns: [], passwords: [] })

    expect(report.divergence).toBeUndefined()
    expect(report.status).toBe('identical')
  })

  it('ask', async () => {
    const { report } = await recordAndReplay(askTeam(), 'What is a passphrase?')

    expect(report.status).toBe('identical')
  })
})

describe('a replay', () => {
  it('of records alone asks no model and tells each delivery as it comes', async () => {
    const team = answerTeam()
    const journal = createMemoryJournal()
    const { run } = await recordAndReplay(team, 'why?', { journal, model: echo })
    const told: string[] = []

    const report = await replayRun({
      team,
      records: await Array.fromAsync(journal.read({ runId: run.runId })),
      onDelivery: ({ role, status }) => told.push(`${role} ${status}`),
    })

    expect(told).toEqual(['writer identical', 'editor identical'])
    expect(report).toMatchObject({ runId: run.runId, status: 'identical', recorded: 'completed' })
  })

  it('waits for who is told of each attempt, before and after it', async () => {
    const team = answerTeam()
    const journal = createMemoryJournal()
    const { run } = await recordAndReplay(team, 'why?', { journal, model: echo })
    const told: string[] = []
    const tell = async (text: string) => {
      await Promise.resolve()
      told.push(text)
    }

    await replayRun({
      team,
      journal,
      runId: run.runId,
      onBegin: ({ role }) => tell(`${role} begins`),
      onDelivery: ({ role }) => tell(`${role} is done`),
    })

    expect(told).toEqual(['writer begins', 'writer is done', 'editor begins', 'editor is done'])
    const stopped = replayRun({
      team,
      journal,
      runId: run.runId,
      onBegin: () => Promise.reject(new Error('enough')),
    })
    await expect(stopped).rejects.toThrow('enough')
  })

  it('makes attempts that failed again on request', async () => {
    const team = answerTeam({
      edit: (text) => {
        if (text !== '') throw new Error('no ink')
        return text
      },
    })
    const journal = createMemoryJournal()
    const delivery = { attempts: 2, backoffMs: 0 }
    await using orchestrator = createOrchestrator({ team, model: echo, journal, delivery })
    const { runId } = await orchestrator.run('why?')

    const all = await replayRun({ team, journal, runId, attempts: 'all' })
    const settled = await replayRun({ team, journal, runId })
    const mended = await replayRun({ team: answerTeam(), journal, runId, attempts: 'all' })

    const attempts = all.deliveries.map(({ role, attempt }) => `${role} ${attempt}`)
    expect(attempts).toEqual(['writer 1', 'editor 1', 'editor 2'])
    expect(all.status).toBe('identical')
    expect(settled.deliveries).toHaveLength(2)
    expect(mended.divergence).toMatchObject({ role: 'editor', attempt: 1, why: 'other_end' })
  })

  it('of a run that failed is alike where it fails alike', async () => {
    const model: Model = {
      name: 'down',
      generate: () => Promise.reject(new TerminalError('the endpoint\n is down')),
    }
    const { report } = await recordAndReplay(answerTeam(), 'why?', { model })

    expect(report).toMatchObject({ status: 'identical', recorded: 'failed' })
  })

  it('of a run that was opened again makes what settled it in the end', async () => {
    const team = answerTeam()
    const journal = createMemoryJournal()
    const broken = answerTeam({
      edit: () => {
        throw new TerminalError('no ink')
      },
    })
    const { run } = await recordAndReplay(broken, 'why?', { journal, model: echo })
    await using orchestrator = createOrchestrator({ team, model: echo, journal })
    await (await orchestrator.resume(run.runId, { reopen: true })).result

    const report = await replayRun({ team, journal, runId: run.runId })

    expect(report).toMatchObject({ status: 'identical', recorded: 'completed' })
    expect(report.deliveries.map(({ role, attempt }) => [role, attempt])).toEqual([
      ['writer', 1],
      ['editor', 2],
    ])
  })

  it('of a run that is open makes what is settled so far', async () => {
    const team = answerTeam()
    const { run, report } = await recordAndReplay(team, 'why?', { model: echo })
    const journal = createMemoryJournal()
    const { run: other } = await recordAndReplay(team, 'why?', { journal, model: echo })
    const records = await Array.fromAsync(journal.read({ runId: other.runId }))
    const settled = records.findIndex(({ kind }) => kind === 'settle')

    expect(report.runId).toBe(run.runId)
    expect(await replayRun({ team, records: records.slice(0, settled + 2) })).toMatchObject({
      status: 'identical',
      recorded: 'open',
      deliveries: [{ role: 'writer' }],
    })
    expect(await replayRun({ team, records: records.slice(0, 2) })).toMatchObject({
      status: 'not_replayable',
      reason: 'no handler has settled anything of it',
    })
  })

  it('keeps the bounds of generations that the run had', async () => {
    const team = chatTeam()
    const journal = createMemoryJournal()
    const model = createOfflineModel(team.agents)
    await using orchestrator = createOrchestrator({ team, model, journal, toolRounds: 0 })
    const { runId, status } = await orchestrator.run({ text: 'a PIN', turns: [], passwords: [] })

    expect(status).toBe('failed')
    expect((await replayRun({ team, journal, runId })).status).toBe('identical')
    expect(await replayRun({ team, journal, runId, toolRounds: 8 })).toMatchObject({
      status: 'diverged',
      divergence: { why: 'more_steps' },
    })
  })

  it('reports the first divergence in causal order, and goes on with the other deliveries', async () => {
    const journal = createMemoryJournal()
    const { run } = await recordAndReplay(answerTeam(), 'why?', { journal, model: echo })
    const team = answerTeam({ edit: (text) => text.toLowerCase() })
    const agents = team.agents.map((agent) => ({ ...agent, instructions: 'Be brief.' }))

    const report = await replayRun({ team: { ...team, agents }, journal, runId: run.runId })

    expect(report.deliveries.map(({ status }) => status)).toEqual(['diverged', 'diverged'])
    expect(report.divergence).toMatchObject({ role: 'writer', why: 'prompt_changed', number: 1 })
    expect(report.divergence).toEqual(report.deliveries[0]?.divergence)
  })

  it('says by its type what it has', async () => {
    const team = answerTeam()
    const report = await replayRun({ team, records: await recordsOf(team) })

    expect(report.status).toBe('identical')
    if (report.status === 'diverged') {
      expectTypeOf(report.divergence).toEqualTypeOf<ReplayDivergence>()
    }
    if (report.status === 'not_replayable') expectTypeOf(report.reason).toEqualTypeOf<string>()
  })

  it('takes a run from one place alone', async () => {
    const team = answerTeam()
    const journal = createMemoryJournal()
    const records = await recordsOf(team)

    // @ts-expect-error both a journal and records
    const both = replayRun({ team, journal, runId: 'run', records })

    await expect(both).resolves.toMatchObject({ status: 'identical' })
  })

  it('is refused where the records are those of several runs', async () => {
    const team = answerTeam()
    const records = [...(await recordsOf(team, 'one')), ...(await recordsOf(team, 'two'))]

    const mixed = replayRun({ team, records })

    await expect(mixed).rejects.toBeInstanceOf(NotReplayableError)
    await expect(mixed).rejects.toThrow(
      'run one cannot be replayed: records of run two are among its own: give those of one run',
    )
  })

  it('is refused with attempts or a patience that are none', async () => {
    const records = await recordsOf(answerTeam())
    const options = [
      ['patienceMs is -1: expected milliseconds from 0 to 2147483647', { patienceMs: -1 }],
      ['patienceMs is NaN', { patienceMs: Number.NaN }],
      ['patienceMs is Infinity', { patienceMs: Number.POSITIVE_INFINITY }],
      ["attempts is some: expected 'settled' or 'all'", { attempts: JSON.parse('"some"') }],
    ] as const

    for (const [says, given] of options) {
      await expect(replayRun({ team: answerTeam(), records, ...given })).rejects.toThrow(says)
    }
  })

  it('is refused where nobody knows the run, or another team made it', async () => {
    const journal = createMemoryJournal()
    const team = answerTeam()
    const { run } = await recordAndReplay(team, 'why?', { journal, model: echo })

    await expect(replayRun({ team, journal, runId: 'unknown' })).rejects.toThrow(
      'run unknown cannot be replayed: there are no records of it',
    )
    const other = replayRun({ team: chatTeam(), journal, runId: run.runId })
    await expect(other).rejects.toBeInstanceOf(NotReplayableError)
    await expect(other).rejects.toThrow("team 'answers' made it, this is 'chat'")
  })
})
