import { TerminalError } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import type { ModelDelta, ModelRequest } from '../model.ts'
import { createScriptedModel, createVirtualRuntime, UnexpectedRequestError } from './index.ts'

const signal = new AbortController().signal
const by = (agent: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  agent,
  instructions: 'Be brief.',
  messages: [{ role: 'user', content: 'hello' }],
  tools: [],
  ...more,
})
const look = { name: 'look', description: 'Looks.', parameters: { type: 'object' } }

describe('a script by role', () => {
  it('answers each role in the order of its answers', async () => {
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

  it('refuses what nobody expected, for good, and tells it again at the end', async () => {
    const model = createScriptedModel({ a: [], b: [{ content: 'x' }] })

    const asked = model.generate(by('a'), { signal })

    await expect(asked).rejects.toBeInstanceOf(UnexpectedRequestError)
    await expect(asked).rejects.toBeInstanceOf(TerminalError)
    expect(() => model.assertDone()).toThrow(
      `unexpected model request of 'a' (its number 1), which ends with "hello": ` +
        `expected no further request of 'a' (answers left: 'b' {"content":"x"})`,
    )
  })

  it('finds answers that nobody asked for', () => {
    const model = createScriptedModel({
      a: [{ content: '1', delayMs: 5 }],
      b: [],
      c: [() => ({ content: '2' }), new Error('three')],
    })

    expect(() => model.assertDone()).toThrow(
      `scripted answers were never asked for: 'a' {"content":"1"}, 'c' a function, 'c' an error (three)`,
    )
  })
})

describe('a script in one order', () => {
  it('answers the roles that it names', async () => {
    const model = createScriptedModel([
      ['a', { content: 'one' }],
      ['b', { content: 'two' }],
      ['a', { content: 'three' }],
    ])

    const answers: string[] = []
    for (const role of ['a', 'b', 'a'])
      answers.push((await model.generate(by(role), { signal })).content)

    expect(answers).toEqual(['one', 'two', 'three'])
    model.assertDone()
  })

  it('refuses a role whose turn it is not, and says whose it is', async () => {
    const model = createScriptedModel([
      ['a', { content: 'one' }],
      ['b', { content: 'two' }],
    ])

    await expect(model.generate(by('b'), { signal })).rejects.toThrow(
      `unexpected model request of 'b' (its number 1), which ends with "hello": expected a request ` +
        `of 'a' (answers left: 'a' {"content":"one"}, 'b' {"content":"two"})`,
    )
    expect((await model.generate(by('a'), { signal })).content).toBe('one')
  })

  it('refuses whoever asks when it is at its end', async () => {
    const model = createScriptedModel([])

    await expect(model.generate(by('b'), { signal })).rejects.toThrow(
      "expected no further request of 'b' (answers left: none)",
    )
  })
})

describe('a scripted answer', () => {
  it('may be an error', async () => {
    const model = createScriptedModel({
      a: [new Error('now'), () => new Error('later'), { error: new Error('slowly') }],
    })

    for (const text of ['now', 'later', 'slowly'])
      await expect(model.generate(by('a'), { signal })).rejects.toThrow(text)
    model.assertDone()
  })

  it('may expect a request, and is refused to another one', async () => {
    const expected = { prompt: /^hel+o$/, instructions: 'brief', tools: ['look'] }
    const answer = { content: 'fine', expect: expected }
    const model = createScriptedModel({ a: [answer, answer, answer, answer] })
    const ask = (more: Partial<ModelRequest>) => model.generate(by('a', more), { signal })

    expect(await ask({ tools: [look] })).toMatchObject({ content: 'fine' })
    await expect(ask({})).rejects.toThrow(
      "unexpected model request of 'a' (its number 2): expected the tools look, got none",
    )
    await expect(ask({ instructions: 'Be long.' })).rejects.toThrow(
      'expected instructions with brief, got "Be long."',
    )
    await expect(ask({ messages: [{ role: 'user', content: 'goodbye' }] })).rejects.toThrow(
      'expected a prompt with /^hel+o$/, got "goodbye"',
    )
    expect(() => model.assertDone()).toThrow(UnexpectedRequestError)
  })

  it('may be a function whose assertions fail the request for good', async () => {
    const model = createScriptedModel({
      a: [
        (request) => {
          expect(request.tools).toHaveLength(1)
          return { content: 'never' }
        },
      ],
    })

    await expect(model.generate(by('a'), { signal })).rejects.toThrow(
      /^the script refused the model request of 'a' \(its number 1\): expected \[\] to have a length/,
    )
    expect(() => model.assertDone()).toThrow('the script refused')
  })

  it('takes its time on the clock that it is given', async () => {
    const runtime = createVirtualRuntime()
    const script = { a: [{ content: 'late', delayMs: 60_000 }] }
    const model = createScriptedModel(script, { runtime })
    let answered = false
    const asked = model.generate(by('a'), { signal }).then(({ content }) => {
      answered = true
      return content
    })

    await runtime.advance(59_999)
    expect(answered).toBe(false)
    await runtime.advance(1)

    expect(await asked).toBe('late')
  })

  it('is not given any more when it is aborted, before or meanwhile', async () => {
    const runtime = createVirtualRuntime()
    const model = createScriptedModel({ a: [{ content: 'late', delayMs: 60_000 }] }, { runtime })
    const stop = new AbortController()

    const asked = model.generate(by('a'), { signal: stop.signal })
    stop.abort(new Error('too late'))

    await expect(asked).rejects.toThrow('too late')
    expect(runtime.timers()).toBe(0)
    await expect(model.generate(by('a'), { signal: stop.signal })).rejects.toThrow('too late')
    expect(model.requests).toHaveLength(1)
  })

  it('comes in pieces for whoever streams', async () => {
    const model = createScriptedModel({
      a: [{ content: ' A longer answer. ' }, { toolCalls: [{ name: 'look', arguments: {} }] }],
    })
    const deltas: ModelDelta[] = []
    const onDelta = (delta: ModelDelta) => deltas.push(delta)

    await model.generate(by('a'), { signal, onDelta })
    await model.generate(by('a'), { signal, onDelta })

    expect(deltas).toEqual([
      { kind: 'text', text: ' A' },
      { kind: 'text', text: ' longer' },
      { kind: 'text', text: ' answer. ' },
      { kind: 'tool_call', index: 0, name: 'look', text: '{}' },
    ])
  })
})
