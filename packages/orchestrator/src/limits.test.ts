import type { Model } from '@nanoagent/agents'
import { createVirtualRuntime } from '@nanoagent/bus/testing'
import { describe, expect, it } from 'vitest'
import { answerTeam, echo, heldModel } from '../test/teams.ts'
import { createOrchestrator } from './index.ts'

const team = answerTeam()

/** A model that never answers and hears no abort. */
function deafModel(): { model: Model; signals: readonly AbortSignal[] } {
  const signals: AbortSignal[] = []
  return {
    signals,
    model: {
      name: 'deaf',
      generate: (_request, { signal }) => {
        signals.push(signal)
        return new Promise(() => {})
      },
    },
  }
}

describe('a deadline', () => {
  it('ends a run whose model never answers, and aborts the model request', async () => {
    const runtime = createVirtualRuntime()
    const { model, signals } = deafModel()
    await using orchestrator = createOrchestrator({ team, model, runtime })
    const run = orchestrator.run('why?', { timeoutMs: 5_000 })

    await runtime.advance(4_999)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await runtime.advance(1)

    expect(await run).toMatchObject({
      status: 'timed_out',
      reason:
        "the run took longer than 5000 ms, at 'writer' with question.asked, waiting for model 'deaf': raise the timeout",
      durationMs: 5_000,
      context: { question: 'why?', draft: undefined },
    })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('of all runs is replaced by that of one run', async () => {
    const runtime = createVirtualRuntime()
    const limits = { timeoutMs: 1_000 }
    const { model } = deafModel()
    await using orchestrator = createOrchestrator({ team, model, runtime, limits })
    const short = orchestrator.run('short?')
    const long = orchestrator.run('long?', { timeoutMs: 2_000 })

    await runtime.advance(1_000)
    expect(await short).toMatchObject({ status: 'timed_out', durationMs: 1_000 })
    await runtime.advance(1_000)
    expect(await long).toMatchObject({ status: 'timed_out', durationMs: 2_000 })
  })

  it('is not needed by a delivery, whose clock stops while it waits for the model', async () => {
    const runtime = createVirtualRuntime()
    const model = heldModel()
    const delivery = { deliveryTimeoutMs: 10 }
    await using orchestrator = createOrchestrator({ team, model, runtime, delivery })
    const run = orchestrator.run('why?')

    await runtime.advance(200_000)
    model.letGo()

    expect(await run).toMatchObject({ status: 'completed', durationMs: 200_000 })
  })

  it('is not needed where a model never answers: its request ends', async () => {
    const runtime = createVirtualRuntime()
    const { model } = deafModel()
    await using orchestrator = createOrchestrator({ team, model, runtime, modelWaitMs: 5_000 })
    const run = orchestrator.run('why?')

    await runtime.advance(5_000)

    expect(await run).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining(
        'within 5000 ms, its queue and retries included: raise modelWaitMs',
      ),
    })
  })
})

describe('a signal', () => {
  it('cancels the run, with its reason, and aborts the model request', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model })
    const stop = new AbortController()
    const run = orchestrator.run('why?', { signal: stop.signal })
    await model.reached(1)

    stop.abort(new Error('the user left'))

    expect(await run).toMatchObject({ status: 'cancelled', reason: 'cancelled: the user left' })
    expect(model.prompts).toEqual([])
  })

  it('that has aborted before cancels the run before it asks anything', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model })

    const result = await orchestrator.run('why?', { signal: AbortSignal.abort() })

    expect(result.status).toBe('cancelled')
    expect(model.most).toBe(0)
  })

  it('that aborts afterwards changes nothing', async () => {
    await using orchestrator = createOrchestrator({ team, model: echo })
    const stop = new AbortController()
    const result = await orchestrator.run('why?', { signal: stop.signal })

    stop.abort()

    expect(result.status).toBe('completed')
  })

  it('is not the only way to cancel', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model })
    const run = orchestrator.start('why?')
    await model.reached(1)

    run.cancel('enough')
    run.cancel('more than enough')

    expect(await run.result).toMatchObject({ status: 'cancelled', reason: 'enough' })
  })
})

describe('model requests at once', () => {
  it('are bounded across all runs', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model, modelRequestsAtOnce: 3 })
    const runs = Array.from({ length: 10 }, (_, n) => orchestrator.run(`${n}`))

    for (let answered = 0; answered < 10; answered++) {
      await model.reached(Math.min(3, 10 - answered))
      model.letGo()
    }
    const results = await Promise.all(runs)

    expect(results.every(({ status }) => status === 'completed')).toBe(true)
    expect(model.most).toBe(3)
  })

  it('are eight where nothing is said', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model })
    const runs = Array.from({ length: 20 }, (_, n) => orchestrator.run(`${n}`))

    for (let answered = 0; answered < 20; answered++) {
      await model.reached(Math.min(8, 20 - answered))
      model.letGo()
    }
    await Promise.all(runs)

    expect(model.most).toBe(8)
  })

  it('have room again when a run that waited, or held its place, is cancelled', async () => {
    const model = heldModel()
    await using orchestrator = createOrchestrator({ team, model, modelRequestsAtOnce: 1 })
    const [holds, waits, last] = ['holds', 'waits', 'last'].map((name) => orchestrator.start(name))
    await model.reached(1)

    waits?.cancel('not needed')
    await waits?.result
    holds?.cancel('not needed')
    await holds?.result
    await model.reached(1)

    expect(model.prompts).toEqual(['last'])
    model.letGo()
    expect(await last?.result).toMatchObject({ status: 'completed' })
  })
})
