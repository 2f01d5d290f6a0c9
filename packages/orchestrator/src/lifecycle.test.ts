import { createOfflineModel, passwordTeam } from '@nanoagent/agents'
import { BusClosedError, BusFullError, createMemoryJournal, type Logger } from '@nanoagent/bus'
import { createVirtualRuntime, idle } from '@nanoagent/bus/testing'
import { describe, expect, it } from 'vitest'
import { answerTeam, collect, echo, heldModel } from '../test/teams.ts'
import { createOrchestrator } from './index.ts'

const team = answerTeam()

describe('the records of a run', () => {
  it('come as they are made and end with the run', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model })
    const run = orchestrator.start('why?')
    const kinds: string[] = []
    const watching = (async () => {
      for await (const record of run.records) kinds.push(record.kind)
    })()

    await model.reached(1)
    await idle()
    expect(kinds).toEqual(['run.opened', 'message'])
    model.letGo()
    await watching

    expect(kinds).toEqual([
      'run.opened',
      'message',
      'step',
      'settle',
      'message',
      'settle',
      'message',
      'run.ended',
    ])
    expect((await run.result).status).toBe('completed')
  })

  it('can be iterated twice at once, and again after the end', async () => {
    await using orchestrator = createOrchestrator({ team, model: echo })
    const run = orchestrator.start('why?')

    const [one, two] = await Promise.all([collect(run.records), collect(run.records)])
    const three = await collect(run.records)

    expect(one.at(-1)).toMatchObject({ kind: 'run.ended', status: 'completed' })
    expect(two).toEqual(one)
    expect(three).toEqual(one)
  })

  it('are of this run alone', async () => {
    await using orchestrator = createOrchestrator({ team, model: echo })
    const runs = ['a', 'b', 'c'].map((runId) => orchestrator.start('why?', { runId }))

    const all = await Promise.all(runs.map(({ records }) => collect(records)))

    expect(all.map((records) => [...new Set(records.map(({ runId }) => runId))])).toEqual([
      ['a'],
      ['b'],
      ['c'],
    ])
  })

  it('may be left in the middle', async () => {
    await using orchestrator = createOrchestrator({ team, model: echo })
    const run = orchestrator.start('why?')
    for await (const { kind } of run.records) {
      expect(kind).toBe('run.opened')
      break
    }

    expect((await run.result).status).toBe('completed')
  })

  it('end without an end when the orchestrator closes, and the result is refused', async () => {
    const model = heldModel()
    const orchestrator = createOrchestrator({ team, model })
    const run = orchestrator.start('why?')
    const watching = collect(run.records)
    await model.reached(1)

    await orchestrator.close()

    expect((await watching).map(({ kind }) => kind)).toEqual(['run.opened', 'message'])
    await expect(run.result).rejects.toBeInstanceOf(BusClosedError)
  })

  it('are none where a run is cancelled before there is room for it', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model, liveRuns: 1 })
    const first = orchestrator.start('first?')
    const waiting = orchestrator.start('second?')
    await model.reached(1)

    waiting.cancel('no patience')

    expect(await collect(waiting.records)).toEqual([])
    expect(await waiting.result).toMatchObject({ status: 'cancelled', reason: 'no patience' })
    model.letGo()
    expect((await first.result).status).toBe('completed')
  })
})

describe('room for runs', () => {
  it('is waited for', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model, liveRuns: 2 })
    const runs = ['1', '2', '3'].map((question) => orchestrator.run(question))

    await model.reached(2)
    expect(model.prompts).toEqual(['1', '2'])
    for (let left = 3; left > 0; left--) {
      await model.reached(1)
      model.letGo()
    }

    expect((await Promise.all(runs)).map(({ status }) => status)).toEqual(
      Array.from({ length: 3 }, () => 'completed'),
    )
  })

  it('is refused where that is wanted', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({
      team,
      model,
      liveRuns: 1,
      whenFull: 'refuse',
    })
    const first = orchestrator.run('1')

    await expect(orchestrator.run('2')).rejects.toBeInstanceOf(BusFullError)
    await model.reached(1)
    model.letGo()
    expect((await first).status).toBe('completed')
  })
})

describe('drain', () => {
  it('takes nothing new and waits for what runs', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model })
    const run = orchestrator.run('why?')
    await model.reached(1)

    const drained = orchestrator.drain()
    expect(() => orchestrator.start('too late')).toThrow('the bus is draining')
    await expect(orchestrator.run('too late')).rejects.toBeInstanceOf(BusClosedError)
    model.letGo()

    expect(await drained).toEqual({ isDrained: true, left: [] })
    expect((await run).status).toBe('completed')
  })

  it('reports what is left when its time is up', async () => {
    const runtime = createVirtualRuntime()
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model, runtime })
    const run = orchestrator.start('why?', { runId: 'stuck' })
    run.result.catch(() => {})
    await model.reached(1)

    const drained = orchestrator.drain({ timeoutMs: 100 })
    await runtime.advance(100)

    expect(await drained).toEqual({
      isDrained: false,
      left: [{ runId: 'stuck', messages: ['stuck'] }],
    })
  })

  it('has nothing to wait for where nothing runs', async () => {
    await using orchestrator = createOrchestrator({ team, model: echo })
    await orchestrator.run('why?')

    expect(await orchestrator.drain()).toEqual({ isDrained: true, left: [] })
    expect(await orchestrator.drain()).toEqual({ isDrained: true, left: [] })
  })
})

describe('close', () => {
  it('stops at once, any number of times, and leaves the run open in the journal', async () => {
    const model = heldModel()
    const orchestrator = createOrchestrator({ team, model })
    const run = orchestrator.start('why?', { runId: 'open' })
    await model.reached(1)

    await Promise.all([orchestrator.close(), orchestrator.close()])
    await orchestrator.close()

    await expect(run.result).rejects.toThrow('the bus is closed')
    expect(model.prompts).toEqual([])
    const open: string[] = []
    for await (const { runId } of orchestrator.bus.journal.runs({ status: ['open'] })) {
      open.push(runId)
    }
    expect(open).toEqual(['open'])
    expect(() => orchestrator.start('again?')).toThrow(BusClosedError)
  })
})

describe('another orchestrator on the same journal', () => {
  it('goes on with a run that the first left open, without asking the model again', async () => {
    const journal = createMemoryJournal()
    const gate = Promise.withResolvers<string>()
    const stuck = answerTeam({ edit: () => gate.promise })
    const first = createOrchestrator({ team: stuck, model: echo, journal })
    const run = first.start('why?', { runId: 'r' })
    for await (const record of run.records) if (record.kind === 'settle') break
    await first.close()
    const model = heldModel()
    await using second = createOrchestrator({ team, model, journal })

    const { status, message, usage } = await (await second.bus.resume('r')).result

    expect(status).toBe('completed')
    expect(message?.data).toEqual({ text: 'ECHO WHY?' })
    expect(usage.modelCalls).toBe(1)
    expect(model.most).toBe(0)
  })
})

describe('two runs of one id', () => {
  it('are refused the second time while the first is live, which goes on', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model })
    const first = orchestrator.run('why?', { runId: 'same' })
    await model.reached(1)

    await expect(orchestrator.run('how?', { runId: 'same' })).rejects.toThrow("'same'")
    model.letGo()

    expect(await first).toMatchObject({ status: 'completed', output: { text: 'ECHO WHY?' } })
  })

  it('are refused the second time, when the first has ended', async () => {
    await using orchestrator = createOrchestrator({ team, model: echo })
    await orchestrator.run('why?', { runId: 'same' })

    await expect(orchestrator.run('why?', { runId: 'same' })).rejects.toThrow(
      'a run of this id exists',
    )
  })
})

describe('a logger', () => {
  it('gets a line for each record, and no secret', async () => {
    const lines: string[] = []
    const write = (entry: object, text: string) => lines.push(`${text} ${JSON.stringify(entry)}`)
    const logger: Logger = { trace: write, debug: write, info: write, warn: write, error: write }
    const passwords = passwordTeam()
    const model = createOfflineModel(passwords.agents)
    await using orchestrator = createOrchestrator({ team: passwords, model, logger })

    const run = orchestrator.start('3 passwords of 20 characters')
    const { context } = await run.result

    const values = context.implementation?.passwords.map((password) => password.reveal()) ?? []
    expect(values).toHaveLength(3)
    expect(lines.filter((line) => values.some((value) => line.includes(value)))).toEqual([])
    expect(lines).toHaveLength((await collect(run.records)).length)
    expect(lines.join('\n')).toContain('Plan created. Handing off to Implementer.')
  })

  it('that throws disturbs nobody', async () => {
    const fail = () => {
      throw new Error('disk full')
    }
    const logger: Logger = { trace: fail, debug: fail, info: fail, warn() {}, error: fail }
    await using orchestrator = createOrchestrator({ team, model: echo, logger })

    expect((await orchestrator.run('why?')).status).toBe('completed')
  })
})
