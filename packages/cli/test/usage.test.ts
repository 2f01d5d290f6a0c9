import { describe, expect, it } from 'vitest'
import { API_KEY } from './endpoints.ts'
import { runCli } from './spawn-cli.ts'

const env = { NANOAGENT_API_KEY: API_KEY }

describe.concurrent('wrong usage', { timeout: 30_000 }, () => {
  const cases: readonly {
    readonly what: string
    readonly args: readonly string[]
    readonly says: string
    readonly env?: Readonly<Record<string, string>>
    readonly input?: string | Uint8Array
  }[] = [
    {
      what: 'no key',
      args: ['a PIN'],
      says: 'no API key is configured: set NANOAGENT_API_KEY or OPENAI_API_KEY',
    },
    {
      what: 'an empty key',
      args: ['a PIN'],
      env: { NANOAGENT_API_KEY: '' },
      says: 'or use --mock',
    },
    { what: 'options without prompt and key', args: ['--json'], says: 'no API key is configured' },
    { what: 'an empty prompt', args: ['--mock', ''], says: 'the prompt is empty: say what' },
    {
      what: 'a long prompt',
      args: ['--mock', 'x'.repeat(8_001)],
      says: 'the prompt has 8001 characters, the most is 8,000 characters: shorten it',
    },
    { what: 'empty input', args: ['--mock', '-'], says: 'the prompt is empty' },
    { what: 'NUL', args: ['--mock', '-'], input: 'a\0b', says: 'input is not UTF-8 text: pipe' },
    { what: 'a binary', args: ['--mock', '-'], input: Buffer.from([0xff]), says: 'not UTF-8' },
    {
      what: 'endless input',
      args: ['--mock', '-'],
      input: 'y\n'.repeat(100_000),
      says: 'the most is 8,000 characters',
    },
    { what: 'an unknown option', args: ['--mokc'], says: "'--mokc': write --mock if" },
    { what: 'several arguments', args: ['a', 'PIN'], says: 'put it in quotes' },
    { what: 'no time', args: ['--timeout', '0'], says: 'expected a whole number from 1 to 86400' },
    { what: 'no number', args: ['--max-hops', 'abc'], says: "argument 'abc' is invalid" },
    { what: 'a float', args: ['--max-tokens', '1e9'], says: "argument '1e9' is invalid" },
    { what: 'an unknown level', args: ['--log-level', 'x'], says: 'choose one of trace' },
    { what: 'two outputs', args: ['--json', '--quiet'], says: 'cannot be used with option' },
    {
      what: 'a bad URL',
      args: ['a PIN', '--base-url', 'localhost:1'],
      env,
      says: "--base-url 'localhost:1' is no http or https URL: write",
    },
    {
      what: 'a bad URL without a key',
      args: ['--base-url', 'notaurl', 'x'],
      says: "--base-url 'notaurl' is no http or https URL: write",
    },
    {
      what: 'a bad URL in mock mode',
      args: ['--mock', '--base-url', 'notaurl', 'x'],
      says: "--base-url 'notaurl' is no http or https URL: write",
    },
    {
      what: 'empty input for --json',
      args: ['--mock', '--json', '-'],
      says: 'the prompt is empty',
    },
    { what: 'empty input for --quiet', args: ['--mock', '--quiet', '-'], says: 'prompt is empty' },
    { what: 'a dash', args: ['--mock', '-6 digits'], says: 'put -- before a prompt that begins' },
    {
      what: 'a bad URL in the environment',
      args: ['a PIN'],
      env: { ...env, OPENAI_API_BASE: API_KEY },
      says: 'OPENAI_API_BASE is no http or https URL',
    },
  ]

  it.for(cases)('is refused in one line: $what', async ({ args, says, ...options }) => {
    const { status, stdout, stderr } = await runCli(args, options)

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^nanoagent: [^\n]+\n$/)
    expect(stderr).not.toMatch(/[.?!][:;,]/)
    expect(stderr).toContain(says)
    expect(stderr).not.toContain(API_KEY)
  })
})
