import { expect, it } from 'vitest'
import type { Model, ModelDelta } from '../model.ts'
import { checkModel, checkStructuredOutput } from './check-model.ts'

const { signal } = new AbortController()

function asking(content: string, ...deltas: readonly ModelDelta[]) {
  const model: Model = {
    name: 'gpt-test',
    async generate(_request, { onDelta }) {
      for (const delta of deltas) onDelta?.(delta)
      const usage = { inputTokens: 12, outputTokens: 3 }
      return { content, toolCalls: [], usage, model: 'gpt-test' }
    },
  }
  return { model, signal, redact: (text: string) => text }
}

it('says that a model streams', async () => {
  expect(await checkModel(asking('ready', { kind: 'text', text: 'ready' }))).toEqual({
    ...{ status: 'ok', detail: 'the model answers piece by piece, 12 tokens in and 3 out' },
  })
})

it('says that a JSON schema was refused, and that other words do', async () => {
  const reason = 'refused the request (400)'

  expect(
    await checkStructuredOutput(asking('{"ready":true,"sum":5}', { kind: 'retry', reason })),
  ).toMatchObject({
    status: 'limited',
    detail: expect.stringMatching(/^the endpoint takes no JSON schema; asked for JSON in other/),
  })
})
