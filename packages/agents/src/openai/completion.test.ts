import { describe, expect, it } from 'vitest'
import type { ModelMessage } from '../model.ts'
import { ModelError } from '../model-error.ts'
import { readCompletion } from './completion.ts'

function read(message: object, more: object = {}, messages: readonly ModelMessage[] = []) {
  const request = { agent: 'a', instructions: '', messages, tools: [] }
  const fail = () =>
    new ModelError('not read', { code: 'model_bad_response', endpoint: 'e', model: 'm' })
  return readCompletion(
    { choices: [{ message }], ...more },
    {
      request,
      model: 'asked',
      fail,
      clean: (text) => text,
    },
  )
}

const call = (more: object = {}) => ({ function: { name: 'roll', arguments: '{}' }, ...more })

describe('an answer that leaves things out', () => {
  it('has empty content, no calls, no tokens and the model that was asked', () => {
    expect(read({})).toEqual({
      content: '',
      toolCalls: [],
      usage: { inputTokens: 0, outputTokens: 0 },
      model: 'asked',
    })
  })

  it('has empty content for null, and no calls for null', () => {
    expect(read({ content: null, tool_calls: null })).toMatchObject({ content: '', toolCalls: [] })
  })

  it('counts zero for a number of tokens that is none', () => {
    const usage = { prompt_tokens: -1, completion_tokens: 7 }

    expect(read({}, { usage }).usage).toEqual({ inputTokens: 0, outputTokens: 7 })
    expect(read({}, { usage: 'many' }).usage).toEqual({ inputTokens: 0, outputTokens: 0 })
  })
})

describe('a tool call', () => {
  it('without an id gets one by its place', () => {
    const ids = read({ tool_calls: [call(), call({ id: 'own' }), call({ id: '' })] }).toolCalls
    expect(ids.map(({ id }) => id)).toEqual(['call_1', 'own', 'call_3'])
  })

  it('without an id gets another one in the next round', () => {
    const toolCalls = [{ id: 'call_1', name: 'roll', arguments: '{}' }]
    const earlier: ModelMessage[] = [
      { role: 'assistant', content: '', toolCalls },
      { role: 'tool', toolCallId: 'call_1', content: '4' },
      { role: 'assistant', content: 'hm' },
    ]

    expect(read({ tool_calls: [call()] }, {}, earlier).toolCalls).toMatchObject([{ id: 'call_2' }])
  })

  it('without arguments has an empty object of them', () => {
    const tool_calls = [{ function: { name: 'a', arguments: '' } }, { function: { name: 'b' } }]

    expect(read({ tool_calls }).toolCalls).toMatchObject([{ arguments: '{}' }, { arguments: '{}' }])
  })

  it('keeps arguments that are no JSON as they are', () => {
    const tool_calls = [call({ function: { name: 'roll', arguments: '{"sides":' } })]

    expect(read({ tool_calls }).toolCalls).toMatchObject([{ arguments: '{"sides":' }])
  })

  it('of another kind than a function is left out', () => {
    const custom = { id: 'c', type: 'custom', custom: { name: 'sql', input: 'select 1' } }

    expect(read({ tool_calls: [custom, call({ id: 'f' })] }).toolCalls).toMatchObject([{ id: 'f' }])
  })

  it.for([{}, { function: {} }, { function: { name: 'roll', arguments: 4 } }])(
    'such as %j makes the answer unreadable',
    (broken) => {
      expect(() => read({ tool_calls: [broken] })).toThrow('not read')
    },
  )
})
