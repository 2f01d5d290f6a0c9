import { InvalidOptionError } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { limitRequests } from './limit-requests.ts'
import type { Model, ModelRequest, ModelResponse } from './model.ts'

const answer: ModelResponse = {
  content: 'ok',
  toolCalls: [],
  usage: { inputTokens: 1, outputTokens: 1 },
  model: 'held',
}

/** A model that answers when it is told to, and counts what is under way. */
function heldModel() {
  const underWay: { readonly prompt: string; settle(error?: Error): void }[] = []
  let most = 0
  const model: Model = {
    name: 'held',
    generate({ messages }, { signal }) {
      return new Promise((resolve, reject) => {
        const entry = {
          prompt: messages[0]?.content ?? '',
          settle(error?: Error) {
            underWay.splice(underWay.indexOf(entry), 1)
            if (error === undefined) resolve(answer)
            else reject(error)
          },
        }
        underWay.push(entry)
        most = Math.max(most, underWay.length)
        signal.addEventListener('abort', () => entry.settle(signal.reason))
      })
    },
  }
  return { model, underWay, most: () => most, prompts: () => underWay.map(({ prompt }) => prompt) }
}

const never = new AbortController().signal
const settled = () => new Promise((resolve) => setImmediate(resolve))
const ask = (prompt: string, model?: string): ModelRequest => ({
  agent: 'a',
  instructions: '',
  messages: [{ role: 'user', content: prompt }],
  tools: [],
  ...(model === undefined ? {} : { model }),
})

describe('limitRequests', () => {
  it('keeps to the limit and lets the others in as they came', async () => {
    const { model, underWay, most, prompts } = heldModel()
    const limited = limitRequests(model, 2)
    const order: string[] = []
    const all = ['1', '2', '3', '4', '5'].map((prompt) =>
      limited.generate(ask(prompt), { signal: never }).then(() => order.push(prompt)),
    )

    expect(prompts()).toEqual(['1', '2'])
    while (underWay.length > 0) {
      underWay[0]?.settle()
      await settled()
    }
    await Promise.all(all)

    expect(order).toEqual(['1', '2', '3', '4', '5'])
    expect(most()).toBe(2)
  })

  it('gives the place of a failed request to the next', async () => {
    const { model, underWay, prompts } = heldModel()
    const limited = limitRequests(model, 1)
    const first = limited.generate(ask('1'), { signal: never })
    const second = limited.generate(ask('2'), { signal: never })

    underWay[0]?.settle(new Error('lost'))
    await expect(first).rejects.toThrow('lost')
    await settled()
    expect(prompts()).toEqual(['2'])
    underWay[0]?.settle()
    await expect(second).resolves.toBe(answer)
  })

  it('does not make a request that is aborted while it waits', async () => {
    const { model, underWay, prompts } = heldModel()
    const limited = limitRequests(model, 1)
    const stop = new AbortController()
    const first = limited.generate(ask('1'), { signal: never })
    const second = limited.generate(ask('2'), { signal: stop.signal })
    const third = limited.generate(ask('3'), { signal: never })

    stop.abort(new Error('never mind'))
    await expect(second).rejects.toThrow('never mind')
    underWay[0]?.settle()
    await first
    await settled()

    expect(prompts()).toEqual(['3'])
    underWay[0]?.settle()
    await third
  })

  it('gives the place of an aborted request to the next', async () => {
    const { model, prompts, underWay } = heldModel()
    const limited = limitRequests(model, 1)
    const stop = new AbortController()
    const first = limited.generate(ask('1'), { signal: stop.signal })
    const second = limited.generate(ask('2'), { signal: never })

    stop.abort(new Error('never mind'))
    await expect(first).rejects.toThrow('never mind')
    await settled()
    expect(prompts()).toEqual(['2'])
    underWay[0]?.settle()
    await second
  })

  it('refuses a request that is aborted already, where it would wait', async () => {
    const { model, underWay } = heldModel()
    const limited = limitRequests(model, 1)
    const first = limited.generate(ask('1'), { signal: never })

    const late = limited.generate(ask('2'), { signal: AbortSignal.abort(new Error('late')) })
    await expect(late).rejects.toThrow('late')
    underWay[0]?.settle()
    await first
    await expect(
      Promise.race([limited.generate(ask('3'), { signal: never }), settled()]),
    ).resolves.toBeUndefined()
    expect(underWay).toHaveLength(1)
  })

  it('counts each model apart, the default one under its own name', async () => {
    const { model, prompts } = heldModel()
    const limited = limitRequests(model, 1)
    const asked = [ask('1'), ask('2', 'other'), ask('3', 'held'), ask('4')]
    for (const request of asked) void limited.generate(request, { signal: never })
    await settled()

    expect(prompts()).toEqual(['1', '2'])
  })

  it('is called like the model', () => {
    expect(limitRequests(heldModel().model).name).toBe('held')
  })

  it.for([[0], [-1], [1.5], [Number.NaN]] as const)('refuses %d at once', ([atOnce]) => {
    expect(() => limitRequests(heldModel().model, atOnce)).toThrow(InvalidOptionError)
  })
})
