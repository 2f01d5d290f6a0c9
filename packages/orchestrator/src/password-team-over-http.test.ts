import { isChatCompletionBody, LLMock } from '@copilotkit/aimock'
import { passwordTeam } from '@nanoagent/agents'
import { createOpenAIModel } from '@nanoagent/agents/openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createOrchestrator } from './index.ts'

const endpoint = new LLMock({ port: 0, strict: true })

beforeAll(async () => {
  await endpoint.start()
})
afterAll(async () => {
  await endpoint.stop()
})
beforeEach(() => {
  endpoint.clearFixtures()
  endpoint.clearRequests()
})

const plan = {
  purpose: 'bank',
  kind: 'password',
  length: 20,
  classes: { uppercase: true, lowercase: true, numbers: true, symbols: false },
  excludeLookAlikes: false,
  exclude: '',
  mustContain: [],
  noRepeats: false,
  count: 2,
  why: 'The bank takes no symbols.',
}
const options = { kind: 'password', length: 20, symbols: false }

const planner = { systemMessage: 'You plan passwords' }
const implementer = { systemMessage: 'You make passwords by a plan' }
const tester = { systemMessage: 'You test passwords' }

const usage = { prompt_tokens: 100, completion_tokens: 7 }

/** Every handle in a conversation, in the order in which they appear, each once. */
function handlesIn(messages: readonly { readonly content: unknown }[]): string[] {
  const text = messages.map(({ content }) => JSON.stringify(content)).join('\n')
  return [...new Set(text.match(/secret:[^"\\]+#\d+/g))]
}

/** Plays a model that behaves, for the roles that a test does not play itself. */
function behaveAs(...roles: readonly ('planner' | 'implementer' | 'tester')[]): void {
  if (roles.includes('planner')) {
    endpoint.on(planner, { content: JSON.stringify(plan), usage })
  }
  if (roles.includes('implementer')) {
    endpoint.on(
      { ...implementer, hasToolResult: false },
      {
        toolCalls: [
          {
            name: 'generate_multiple_passwords',
            arguments: JSON.stringify({ ...options, count: 2 }),
          },
        ],
        usage,
      },
    )
    endpoint.on({ ...implementer, hasToolResult: true }, ({ messages }) => ({
      content: JSON.stringify({ passwords: handlesIn(messages) }),
      usage,
    }))
  }
  if (roles.includes('tester')) {
    endpoint.on({ ...tester, hasToolResult: false }, ({ messages }) => ({
      toolCalls: handlesIn(messages.filter(({ role }) => role === 'user')).map((password) => ({
        name: 'check_password_strength',
        arguments: JSON.stringify({ password }),
      })),
      usage,
    }))
    endpoint.on(
      { ...tester, hasToolResult: true },
      { content: '```json\n{"recommendations":["Keep it in a vault."]}\n```', usage },
    )
  }
}

async function run() {
  await using orchestrator = createOrchestrator({
    team: passwordTeam(),
    model: createOpenAIModel({
      model: 'gpt-test',
      apiKey: 'sk-test-0123456789',
      baseUrl: `${endpoint.url}/v1`,
      maxRetries: 0,
    }),
  })
  const result = await orchestrator.run('2 passwords of 20 characters without symbols, bank')
  const bodies = endpoint.getRequests().map(({ body }) => body)
  return { result, bodies, sent: JSON.stringify(bodies) }
}

describe('the password team over HTTP', () => {
  it('plans, makes and tests with tool calls, handles and structured output', async () => {
    behaveAs('planner', 'implementer', 'tester')

    const { result, bodies } = await run()

    expect(result).toMatchObject({ status: 'completed' })
    const { plan: planned, implementation, testResults } = result.context
    expect(planned).toEqual(plan)
    expect(implementation?.passwords).toHaveLength(2)
    for (const password of implementation?.passwords ?? []) {
      expect(password.reveal()).toMatch(/^[A-Za-z0-9]{20}$/)
    }
    expect(testResults).toMatchObject({
      verdict: 'PASS',
      recommendations: ['Keep it in a vault.'],
      results: [{ verdict: 'PASS' }, { verdict: 'PASS' }],
    })
    expect(bodies).toHaveLength(5)
  })

  it('adds up the tokens that the endpoint counts', async () => {
    behaveAs('planner', 'implementer', 'tester')

    const { result } = await run()

    expect(result.usage).toEqual({
      inputTokens: 500,
      outputTokens: 35,
      modelCalls: 5,
      toolCalls: 3,
    })
  })

  it('sends no password, but its handles', async () => {
    behaveAs('planner', 'implementer', 'tester')

    const { result, sent } = await run()

    const passwords = result.context.implementation?.passwords ?? []
    expect(passwords).toHaveLength(2)
    for (const password of passwords) {
      expect(sent).toContain(password.handle)
      expect(sent.includes(password.reveal())).toBe(false)
    }
  })

  it('asks each role by a strict JSON schema, with its tools', async () => {
    behaveAs('planner', 'implementer', 'tester')

    const { bodies } = await run()

    expect(
      bodies.map((body) =>
        isChatCompletionBody(body)
          ? [body.response_format, body.tools?.map((tool) => tool.function.name)]
          : body,
      ),
    ).toMatchObject([
      [{ json_schema: { name: 'planner-answer', strict: true } }, undefined],
      [
        { json_schema: { name: 'implementer-answer' } },
        ['generate_password', 'generate_multiple_passwords'],
      ],
      [{ json_schema: { name: 'implementer-answer' } }, expect.any(Array)],
      [{ json_schema: { name: 'tester-answer' } }, ['check_password_strength']],
      [{ json_schema: { name: 'tester-answer' } }, ['check_password_strength']],
    ])
  })

  it('lets a model correct an impossible plan', async () => {
    behaveAs('implementer', 'tester')
    let asked = 0
    endpoint.on(planner, () => ({
      content: JSON.stringify(asked++ === 0 ? { ...plan, length: 4 } : plan),
      usage,
    }))

    const { result, sent } = await run()

    expect(result.status).toBe('completed')
    expect(result.usage.modelCalls).toBe(6)
    expect(sent).toContain('Your answer does not fit: length is 4')
  })

  it('fails at once where the endpoint refuses, and says what to do', async () => {
    behaveAs('planner')
    endpoint.on(implementer, { error: { message: 'no such model' }, status: 404 })

    const { result, bodies } = await run()

    expect(result.status).toBe('failed')
    expect(result.reason).toMatch(/^'implementer' failed at plan.ready: .*gpt-test.*404/)
    expect(result.context.plan).toEqual(plan)
    expect(bodies).toHaveLength(2)
    expect(JSON.stringify(result)).not.toContain('sk-test')
  })

  it('takes no password that the model makes up', async () => {
    behaveAs('planner', 'tester')
    endpoint.on(implementer, { content: '{"passwords":["Passw0rd123456789abc","x"]}', usage })

    const { result } = await run()

    expect(result.status).toBe('failed')
    expect(result.reason).toContain('give the handles that the tools gave you')
    expect(result.usage.modelCalls).toBe(4)
    expect(result.context.implementation).toBeUndefined()
  })
})
