import { LLMock } from '@copilotkit/aimock'
import { afterEach, expect, it, vi } from 'vitest'
import { createOpenAIModel } from './index.ts'

const loads = vi.hoisted(() => ({ count: 0 }))

vi.mock('openai', (original) => {
  loads.count += 1
  return original()
})

afterEach(() => {
  vi.unstubAllEnvs()
})

it('is loaded at the first request, takes nothing from the environment and keeps a query', async () => {
  vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1/v1')
  vi.stubEnv('OPENAI_API_KEY', 'sk-of-another')
  vi.stubEnv('OPENAI_ORG_ID', 'org-of-another')
  vi.stubEnv('OPENAI_LOG', 'debug')
  const log = vi.spyOn(console, 'debug')
  const endpoint = await LLMock.create({ port: 0 })
  endpoint.onMessage('hello', { content: 'hi' })

  const baseUrl = `${endpoint.url}/v1/?api-version=7`
  const model = createOpenAIModel({ model: 'gpt-test', apiKey: 'sk-own', baseUrl })
  expect(loads.count).toBe(0)
  const messages = [{ role: 'user' as const, content: 'hello' }]
  const request = { agent: 'a', instructions: '', messages, tools: [] }
  await model.generate(request, { signal: new AbortController().signal })

  expect(loads.count).toBe(1)
  expect(log).not.toHaveBeenCalled()
  const sent = endpoint.getLastRequest()
  await endpoint.stop()
  expect(sent?.path).toBe('/v1/chat/completions?api-version=7')
  expect(JSON.stringify(sent?.headers)).not.toContain('of-another')
})
