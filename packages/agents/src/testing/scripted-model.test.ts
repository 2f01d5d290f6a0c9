import { TerminalError } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import type { ModelRequest } from '../model.ts'
import { createScriptedModel, UnexpectedRequestError } from './index.ts'

const signal = new AbortController().signal
const by = (agent: string): ModelRequest => ({
  agent,
  instructions: '',
  messages: [{ role: 'user', content: 'hello' }],
  tools: [],
})

describe('a scripted model', () => {
  it('answers each role in the order of its script', async () => {
    const model = createScriptedModel({
      a: [{ content: 'one' }, (request) => ({ output: { asked: request.agent } })],
      b: [{ toolCalls: [{ name: 'look', arguments: { at: 1 } }] }],
    })

    const [one, call, two] = [
      await model.generate(by('a'), { signal }),
      await model.generate(by('b'), { signal }),
      await model.generate(by('a'), { signal }),
    ]

    expect([one.content, two.content]).toEqual(['one', '{"asked":"a"}'])
    expect(call.toolCalls).toMatchObject([{ name: 'look', arguments: '{"at":1}' }])
    expect(model.requests).toEqual([by('a'), by('b'), by('a')])
    expect(() => model.assertDone()).not.toThrow()
  })

  it('rejects with a scripted error', async () => {
    const model = createScriptedModel({ a: [new Error('now'), () => new Error('later')] })

    await expect(model.generate(by('a'), { signal })).rejects.toThrow('now')
    await expect(model.generate(by('a'), { signal })).rejects.toThrow('later')
  })

  it('refuses what nobody expected, for good, and tells it again at the end', async () => {
    const model = createScriptedModel({ a: [] })

    const asked = model.generate(by('a'), { signal })

    await expect(asked).rejects.toBeInstanceOf(UnexpectedRequestError)
    await expect(asked).rejects.toBeInstanceOf(TerminalError)
    expect(() => model.assertDone()).toThrow(
      `unexpected model request of 'a' (its number 1), which ends with "hello"`,
    )
  })

  it('finds answers that nobody asked for', () => {
    const model = createScriptedModel({ a: [{ content: '1' }], b: [], c: [{ content: '2' }] })

    expect(() => model.assertDone()).toThrow(
      "scripted answers were never asked for: 1 of 'a', 1 of 'c'",
    )
  })

  it('answers nothing that is aborted', async () => {
    const model = createScriptedModel({ a: [{ content: 'one' }] })
    const aborted = AbortSignal.abort(new Error('too late'))

    await expect(model.generate(by('a'), { signal: aborted })).rejects.toThrow('too late')
    expect(model.requests).toEqual([])
  })
})
