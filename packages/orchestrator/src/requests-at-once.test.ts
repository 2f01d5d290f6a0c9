import { createServer, type ServerResponse } from 'node:http'
import { limitRequests } from '@nanoagent/agents'
import { createOpenAIModel } from '@nanoagent/agents/openai'
import { describe, expect, it } from 'vitest'
import { answerTeam } from '../test/teams.ts'
import { createOrchestrator } from './index.ts'

const team = answerTeam()

const answer = (text: string) =>
  `data: {"choices":[{"delta":{"content":${JSON.stringify(text)}},"finish_reason":"stop"}]}\n\n` +
  'data: [DONE]\n\n'

/** An endpoint that answers when it is told to, and counts what is open. */
async function heldEndpoint() {
  const open: ServerResponse[] = []
  let most = 0
  let requests = 0
  let changed = Promise.withResolvers<void>()
  const server = createServer((incoming, response) => {
    requests += 1
    incoming.resume()
    open.push(response)
    most = Math.max(most, open.length)
    response.on('close', () => {
      open.splice(open.indexOf(response), 1)
      changed.resolve()
    })
    changed.resolve()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    most: () => most,
    /** Resolves when so many requests are open. */
    async opened(count: number) {
      await this.until(() => open.length >= count)
    },
    /** Resolves when so many requests have come. */
    async arrived(count: number) {
      await this.until(() => requests >= count)
    },
    async until(holds: () => boolean) {
      while (!holds()) {
        await changed.promise
        changed = Promise.withResolvers()
      }
    },
    /** Ends the latest request that is open: with an answer, or with a refusal. */
    end(status = 200) {
      const response = open.findLast(({ headersSent }) => !headersSent)
      response?.on('finish', () => response.destroy())
      response?.writeHead(status, { 'content-type': 'text/event-stream' })
      response?.end(status === 200 ? answer('because') : 'no')
    },
    /** Answers one request after the other until this is settled. */
    async endAllUntil(settled: Promise<unknown>) {
      let isOver = false
      const over = settled.finally(() => {
        isOver = true
      })
      while (!isOver) {
        await Promise.race([this.opened(1), over])
        this.end()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const modelAt = (baseUrl: string) =>
  createOpenAIModel({ model: 'gpt-test', apiKey: 'sk-test', baseUrl, maxRetries: 0 })

describe('requests at once', () => {
  it('are at most so many, of all runs together', async () => {
    await using endpoint = await heldEndpoint()
    const model = modelAt(endpoint.baseUrl)
    await using orchestrator = createOrchestrator({ team, model, modelRequestsAtOnce: 3 })
    const runs = Array.from({ length: 20 }, (_, index) => orchestrator.run(`why ${index}?`))
    const all = Promise.all(runs)
    await endpoint.opened(3)
    await endpoint.endAllUntil(all)

    expect((await all).map(({ status }) => status)).toEqual(Array(20).fill('completed'))
    expect(endpoint.most()).toBe(3)
  })

  it('give their place back where they fail or are aborted', async () => {
    await using endpoint = await heldEndpoint()
    const model = modelAt(endpoint.baseUrl)
    await using orchestrator = createOrchestrator({ team, model, modelRequestsAtOnce: 1 })
    const stop = new AbortController()
    const aborted = orchestrator.run('aborted?', { signal: stop.signal })
    await endpoint.arrived(1)
    const failed = orchestrator.run('failed?')
    const completed = orchestrator.run('completed?')

    stop.abort()
    expect(await aborted).toMatchObject({ status: 'cancelled' })
    await endpoint.arrived(2)
    endpoint.end(401)
    expect(await failed).toMatchObject({ status: 'failed' })
    await endpoint.arrived(3)
    endpoint.end()

    expect(await completed).toMatchObject({ status: 'completed' })
  })

  it('are shared by two orchestrators that are given the same limited model', async () => {
    await using endpoint = await heldEndpoint()
    const model = limitRequests(modelAt(endpoint.baseUrl), 2)
    await using one = createOrchestrator({ team, model })
    await using other = createOrchestrator({ team, model })
    const runs = [one, one, one, other, other, other].map((orchestrator) =>
      orchestrator.run('why?'),
    )
    const all = Promise.all(runs)
    await endpoint.opened(2)
    await endpoint.endAllUntil(all)

    expect((await all).every(({ status }) => status === 'completed')).toBe(true)
    expect(endpoint.most()).toBe(2)
  })
})
