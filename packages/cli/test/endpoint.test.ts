import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import {
  API_KEY,
  beginAnswer,
  misbehave,
  neverAnswer,
  playTeam,
  unreachableUrl,
} from './endpoints.ts'
import { occurrences, runCli, startCli } from './spawn-cli.ts'

const env = { NANOAGENT_API_KEY: API_KEY }

describe.concurrent('with an endpoint', { timeout: 60_000 }, () => {
  it('runs the whole team, and neither the password nor the key goes astray', async () => {
    const advice = 'Never \u001b[2Jreuse it.'
    await using endpoint = await playTeam({ count: 2, advice })
    const args = ['two passwords', '--base-url', endpoint.baseUrl, '--model', 'gpt-test']

    const { status, stdout, stderr } = await runCli([...args, '--log-level', 'trace'], { env })

    expect(status).toBe(0)
    const passwords = Array.from(stdout.matchAll(/^\d\. `(.{20})` - /gm), ([, one = '']) => one)
    expect(passwords).toHaveLength(2)
    expect(stdout).toContain('\n- Never reuse it.\n')
    const requests = endpoint.requests()
    expect(requests).toHaveLength(5)
    expect(requests[0]).toContain('"model":"gpt-test"')
    for (const password of passwords) {
      expect(occurrences(stdout, password)).toBe(1)
      const escaped = JSON.stringify(password).slice(1, -1)
      for (const text of [stderr, ...requests]) expect(text).not.toContain(escaped)
    }
    expect(stdout + stderr).not.toContain(API_KEY)
  })

  it('says in one line that the key is refused', async () => {
    await using endpoint = await playTeam({ count: 1, advice: '' })
    const wrong = 'sk-some-other-key-0815'

    const { status, stdout, stderr } = await runCli(['a PIN', '--base-url', endpoint.baseUrl], {
      env: { OPENAI_API_KEY: wrong },
    })

    expect(status).toBe(1)
    expect(stderr).toMatch(/^nanoagent: the run failed: [^\n]+refused the API key \(401\)[^\n]+\n$/)
    expect(stdout + stderr).not.toContain(wrong)
  })

  it('says in one line that nothing listens, and prints the object for --json', async () => {
    const args = ['a PIN', '--json', '--base-url', await unreachableUrl()]

    const { status, stdout, stderr } = await runCli(args, { env })

    expect(status).toBe(1)
    expect(stderr).toMatch(/^nanoagent: the run failed: [^\n]+nothing listens there[^\n]+\n$/)
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('ECONNREFUSED'),
      response: 'Failed to generate password. Please try again.',
      context: { userRequest: 'a PIN', plan: null, implementation: null, testResults: null },
    })
    expect(stdout + stderr).not.toContain(API_KEY)
  })

  it.for([
    {
      what: 'limits the rate for an hour',
      answer: (response: ServerResponse) =>
        void response.writeHead(429, { 'retry-after': '3600' }).end('{"error":"slow down"}'),
      requests: 1,
      says: /limits the rate \(429\): it asks to wait 3600 s, over the 30 s allowed; [^\n]+slow down/,
    },
    {
      what: 'breaks each answer off midway',
      answer: (response: ServerResponse, isStream: boolean) => {
        beginAnswer(response, isStream)
        setImmediate(() => response.destroy())
      },
      requests: 3,
      says: /broke the connection off before its answer was whole \([A-Z_]+\): try again/,
    },
  ])('says in one line that the endpoint $what', async ({ answer, requests, says }) => {
    await using endpoint = await misbehave(answer)
    const args = ['a PIN', '--model', 'gpt-test', '--base-url', endpoint.baseUrl]

    const { status, stdout, stderr } = await runCli(args, { env })

    expect(status).toBe(1)
    expect(stderr).toMatch(/^nanoagent: the run failed: [^\n]+ model 'gpt-test' at http:[^\n]+\n$/)
    expect(stderr).toContain(`at ${endpoint.baseUrl} `)
    expect(stderr).toMatch(says)
    expect(stdout + stderr).not.toMatch(/\n\s+at |sk-only/)
    expect(endpoint.requests()).toBe(requests)
  })

  it('can be interrupted in the middle of an answer', async () => {
    await using endpoint = await misbehave(beginAnswer)
    const args = ['a PIN', '--base-url', endpoint.baseUrl]
    const { child, ended } = startCli(args, { env })
    await endpoint.asked

    child.kill('SIGINT')

    const { status, stdout, stderr } = await ended
    expect({ status, stderr }).toEqual({ status: 130, stderr: 'nanoagent: interrupted\n' })
    expect(stdout).toMatch(/\nFailed to generate password\. Please try again\.\n$/)
    expect(endpoint.requests()).toBe(1)
  })

  it('asks the models that the agents were given', async () => {
    await using endpoint = await playTeam({ count: 1, advice: '' })
    const flags = ['--model', 'large', '--model', 'tester=small', '--temperature', 'planner=0']
    const more = ['--max-answer-tokens', '900', '--requests-at-once', '1']
    const args = ['a password', '--base-url', endpoint.baseUrl, ...flags, ...more]

    const { status } = await runCli(args, { env })

    const asked = endpoint.requests().map((body) => JSON.parse(body))
    expect(status).toBe(0)
    expect(asked.map(({ model }) => model)).toEqual(['large', 'large', 'large', 'small', 'small'])
    expect(asked.map(({ temperature }) => temperature)).toEqual([0, ...Array(4).fill(undefined)])
    expect(asked.map((body) => body.max_tokens)).toEqual(Array(5).fill(900))
  })

  it('exits with 124 where the time is over', async () => {
    await using endpoint = await neverAnswer()
    const args = ['a PIN', '--timeout', '1', '--base-url', endpoint.baseUrl]

    const { status, stdout, stderr } = await runCli(args, { env })

    expect(status).toBe(124)
    expect(stdout).toMatch(/\n {2}\(none\)\n[\s\S]*\nFailed to generate password\. Please try/)
    expect(stderr).toBe(
      `nanoagent: the run timed out: it took longer than 1 second, at 'planner' with ` +
        `request.submitted, waiting for model 'gpt-4.1-mini' at ${endpoint.baseUrl}: raise ` +
        '--timeout, or check the endpoint with nanoagent doctor\n',
    )
  })

  it.for([
    { signal: 'SIGINT', expected: 130, says: 'nanoagent: interrupted\n' },
    { signal: 'SIGTERM', expected: 143, says: 'nanoagent: interrupted by SIGTERM\n' },
  ] as const)(
    'exits with $expected within a second of $signal',
    async ({ signal, expected, says }) => {
      await using endpoint = await neverAnswer()
      const args = ['a PIN', '--json', '--base-url', endpoint.baseUrl]
      const { child, ended } = startCli(args, { env })
      await endpoint.asked

      const from = performance.now()
      child.kill(signal)
      const { status, stdout, stderr } = await ended

      expect(performance.now() - from).toBeLessThan(1_000)
      expect({ status, stderr }).toEqual({ status: expected, stderr: says })
      expect(JSON.parse(stdout)).toMatchObject({ status: 'cancelled' })
    },
  )

  it.for([
    {
      args: [],
      stdout: /\nMESSAGE HISTORY .*[\s\S]*\nFailed to generate password\. Please try again\.\n$/,
    },
    { args: ['--quiet'], stdout: /^$/ },
  ])('ends like other failed runs where it is interrupted with $args', async ({ args, stdout }) => {
    await using endpoint = await neverAnswer()
    const { child, ended } = startCli(['a PIN', ...args, '--base-url', endpoint.baseUrl], { env })
    await endpoint.asked

    child.kill('SIGINT')
    const ending = await ended

    expect(ending).toMatchObject({ status: 130, stderr: 'nanoagent: interrupted\n' })
    expect(ending.stdout).toMatch(stdout)
  })

  it('can be interrupted while it reads standard input', async () => {
    const { child, ended } = startCli(['--mock', '-'], {
      isInputOpen: true,
      nodeOptions: ['--import', 'data:text/javascript,process.stdin.isTTY=true'],
    })
    child.stderr?.once('data', () => child.kill('SIGINT'))

    expect(await ended).toEqual({
      status: 130,
      stdout: '',
      stderr: expect.stringMatching(/^Type the prompt; .*\nnanoagent: interrupted\n$/),
    })
  })
})
