import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answeringEndpoint } from '../../agents/test/answering-endpoint.ts'
import { API_KEY, neverAnswer, unreachableUrl } from './endpoints.ts'
import { runCli, startCli, temporaryFolder } from './spawn-cli.ts'

const env = { NANOAGENT_API_KEY: API_KEY, NANOAGENT_MODEL: 'gpt-test' }

describe('nanoagent doctor', { timeout: 30_000 }, () => {
  it('says what works, a line each, and where the configuration came from', async () => {
    await using endpoint = await answeringEndpoint()
    const { baseUrl } = endpoint

    const { status, stdout, stderr } = await runCli(['doctor', '--base-url', baseUrl], { env })

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.replace(/ \(\d+\.\d s\)/g, '').replace(/answers.*,/, 'answers,')).toBe(
      [
        '  API key   set by NANOAGENT_API_KEY',
        '  base URL  set by --base-url',
        '  model     gpt-test, set by NANOAGENT_MODEL',
        '',
        `  ✓ endpoint           ${baseUrl} offers 2 models, 'gpt-test' among them`,
        '  ✓ model              the model answers, 12 tokens in and 3 out',
        '  ✓ tool calling       the model calls tools',
        '  ✓ structured output  the answer fits the JSON schema',
        '',
        'nanoagent works with this endpoint.',
        '',
      ].join('\n'),
    )
    expect(endpoint.requests).toHaveLength(4)
  })

  it('prints one object with --json, and reads .env', async () => {
    using folder = temporaryFolder()
    await using endpoint = await answeringEndpoint({ models: { status: 404, body: '' } })
    writeFileSync(join(folder.path, '.env'), `OPENAI_API_BASE=${endpoint.baseUrl}\n`)

    const { status, stdout, stderr } = await runCli(['doctor', '--json'], {
      env,
      cwd: folder.path,
    })

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      works: true,
      configuration: {
        apiKey: { source: 'NANOAGENT_API_KEY' },
        baseUrl: { source: 'OPENAI_API_BASE in .env' },
        model: { name: 'gpt-test', source: 'NANOAGENT_MODEL' },
      },
      checks: ['endpoint', 'model', 'tool_calling', 'structured_output'].map((name) => ({
        ...{ name, status: 'ok', detail: expect.any(String), ms: expect.any(Number) },
      })),
    })
    expect(stdout).not.toContain(API_KEY)
  })

  it('exits with 0 where something is limited, and says what to do about it', async () => {
    await using endpoint = await answeringEndpoint()
    const args = ['doctor', '--base-url', endpoint.baseUrl, '--model', 'gpt-\u001b[31malias']

    const { status, stdout } = await runCli(args, { env })

    expect(status).toBe(0)
    expect(stdout).toMatch(
      /\n {2}! endpoint {11}http[^\n]+ and 'gpt-alias' is not among them[^\n]*\n {23}→ check the model's name; /,
    )
    expect(stdout).toMatch(/\nnanoagent works with this endpoint, with limits: endpoint\.\n$/)
    expect(stdout).not.toContain('\u001b')
  })

  it('exits with 1 where the model calls no tools', async () => {
    await using endpoint = await answeringEndpoint({
      chat: ({ tools }) => tools && { status: 400, body: '{"error":"no tools here"}' },
    })

    const { status, stdout, stderr } = await runCli(['doctor', '--base-url', endpoint.baseUrl], {
      env: { ...env, FORCE_COLOR: '1' },
    })

    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout).toContain('\u001b[31m✗\u001b[39m tool calling')
    expect(stdout).toContain('\u001b[32m✓\u001b[39m structured output')
    expect(stdout).toContain('nanoagent does not work with this endpoint: tool calling failed.')
  })

  it('asks no more than once where the key is refused, and never shows it', async () => {
    await using endpoint = await answeringEndpoint({
      models: { status: 401, body: JSON.stringify({ error: `no: ${API_KEY}` }) },
    })

    const { status, stdout } = await runCli(['doctor', '--base-url', endpoint.baseUrl], { env })

    expect(status).toBe(1)
    expect(endpoint.requests).toHaveLength(1)
    expect(stdout).toMatch(/✗ endpoint [^\n]+refused the API key \(401\); it said: no: \[API key\]/)
    expect(stdout.match(/ – .*not asked, since endpoint failed\n/g)).toHaveLength(3)
    expect(stdout).not.toContain(API_KEY)
  })

  it('exits with 1 where nothing listens', async () => {
    const args = ['doctor', '--json', '--base-url', await unreachableUrl()]

    const { status, stdout, stderr } = await runCli(args, { env })

    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      works: false,
      checks: [
        { detail: expect.stringContaining('nothing listens there (ECONNREFUSED)') },
        {},
        {},
        {},
      ],
    })
  })

  it('waits no longer than --timeout', async () => {
    await using endpoint = await neverAnswer()
    const args = ['doctor', '--timeout', '1', '--base-url', endpoint.baseUrl]

    const { status, stdout } = await runCli(args, { env })

    expect(status).toBe(1)
    expect(stdout).toMatch(/✗ endpoint [^\n]+gave no answer within 1 s[^\n]*\n +→ check that the/)
  })

  it.for([
    { what: 'no key', args: [], set: {}, says: 'no API key is configured: set NANOAGENT_API_KEY' },
    {
      what: 'a bad URL',
      args: ['--base-url', 'localhost:1'],
      set: env,
      says: "--base-url 'localhost:1' is no http or https URL",
    },
  ])('exits with 2 and one line for $what', async ({ args, set, says }) => {
    const { status, stdout, stderr } = await runCli(['doctor', ...args], { env: set })

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^nanoagent: [^\n]+\n$/)
    expect(stderr).toContain(says)
    expect(stderr).not.toContain('--mock')
  })

  it('ends with Ctrl-C', async () => {
    await using endpoint = await neverAnswer()
    const { child, ended } = startCli(['doctor', '--base-url', endpoint.baseUrl], { env })
    await endpoint.asked

    child.kill('SIGINT')

    expect(await ended).toMatchObject({ status: 130, stderr: 'nanoagent: interrupted\n' })
  })

  it('ends without a word where nobody reads its output', async () => {
    await using endpoint = await answeringEndpoint()
    const { child, ended } = startCli(['doctor', '--base-url', endpoint.baseUrl], { env })
    child.stdout?.destroy()

    expect(await ended).toMatchObject({ status: 141, stderr: '' })
  })
})
