import { DEFAULTS } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { type Arguments, parseArguments } from './arguments.ts'
import { UsageError } from './errors.ts'

function parse(...argv: string[]): Arguments {
  const parsed = parseArguments(argv, { version: '1.2.3', write: () => {} })
  if (parsed === undefined) throw new Error('help or version was shown')
  return parsed
}

function shown(...argv: string[]): string {
  const parts: string[] = []
  const options = { version: '1.2.3', write: (text: string) => parts.push(text) }
  expect(parseArguments(argv, options)).toBeUndefined()
  return parts.join('')
}

describe('parseArguments', () => {
  it('has its defaults where nothing is typed', () => {
    expect(parse()).toEqual({
      flags: { timeout: DEFAULTS.cliTimeoutMs / 1000, color: true, logLevel: 'silent' },
      isBare: true,
    })
  })

  it('names the defaults of the library in its help, which must not load it', () => {
    const help = shown('--help')
    expect(help).toContain(`(default: ${DEFAULTS.cliTimeoutMs / 1000})`)
    expect(help).toContain(`most handoffs in a row (default: ${DEFAULTS.maxHops})`)
  })

  it('takes every option, before and after the prompt', () => {
    const typed = parse(
      ...['--mock', '--model', 'm', '--base-url', 'http://h/v1', '--timeout', '9', 'a PIN'],
      ...['--max-hops', '4', '--max-tokens', '500', '--json', '--no-color', '--log-level', 'warn'],
    )
    expect(typed).toEqual({
      prompt: 'a PIN',
      flags: {
        mock: true,
        model: 'm',
        baseUrl: 'http://h/v1',
        timeout: 9,
        maxHops: 4,
        maxTokens: 500,
        json: true,
        color: false,
        logLevel: 'warn',
      },
      isBare: false,
    })
  })

  it.for([
    { argv: ['run'], prompt: undefined, isBare: true },
    { argv: ['run', 'a PIN'], prompt: 'a PIN', isBare: false },
    { argv: ['--mock', 'run', 'a PIN'], prompt: 'a PIN', isBare: false },
    { argv: ['run', 'run'], prompt: 'run', isBare: false },
    { argv: ['-'], prompt: '-', isBare: false },
    { argv: ['--', '--mock'], prompt: '--mock', isBare: false },
    { argv: [''], prompt: '', isBare: false },
    { argv: ['help me with a PIN'], prompt: 'help me with a PIN', isBare: false },
    { argv: ['version 2 of my PIN'], prompt: 'version 2 of my PIN', isBare: false },
    { argv: ['run', 'help'], prompt: 'help', isBare: false },
    { argv: ['--', 'version'], prompt: 'version', isBare: false },
  ])('reads the prompt of $argv', ({ argv, prompt, isBare }) => {
    const typed = parse(...argv)

    expect(typed.prompt).toBe(prompt)
    expect(typed.isBare).toBe(isBare)
  })

  it('shows the version and the help, also asked for as commands', () => {
    expect(shown('--version')).toBe('1.2.3\n')
    expect(shown('version')).toBe('1.2.3\n')
    expect(shown('help')).toBe(shown('--help'))
    expect(shown('--help')).toMatch(/^Usage: nanoagent \[run\] \[prompt\][\s\S]*Examples:/)
  })

  it.for([
    { argv: ['--modle', 'm'], says: "unknown option '--modle': write --model if you meant that" },
    { argv: ['--api-key=sk-1234'], says: "unknown option '--api-key': see nanoagent --help" },
    {
      argv: ['-5 digits, a PIN'],
      says: "'-5 digits, a PIN': see nanoagent --help, or put -- before a prompt that begins with a",
    },
    { argv: [`--${'x'.repeat(8_000)}`], says: `'--${'x'.repeat(38)}': see` },
    { argv: ['--model'], says: "option '--model <name>' argument missing" },
    { argv: ['make', 'a', 'PIN'], says: '3 arguments were given, but there is one prompt: put' },
    {
      argv: ['--timeout', '0'],
      says: "argument '0' is invalid: expected a whole number from 1 to",
    },
    { argv: ['--timeout', 'abc'], says: "'--timeout <seconds>' argument 'abc' is invalid" },
    { argv: ['--timeout', '1e9'], says: "argument '1e9' is invalid" },
    { argv: ['--timeout', '-5'], says: "argument '-5' is invalid" },
    { argv: ['--timeout', '86401'], says: 'from 1 to 86400' },
    { argv: ['--max-hops', '1.5'], says: "'--max-hops <n>' argument '1.5' is invalid" },
    { argv: ['--max-tokens', ''], says: "'--max-tokens <n>' argument '' is invalid" },
    { argv: ['--log-level', 'loud'], says: 'is invalid: choose one of trace, debug' },
    { argv: ['--json', '--quiet'], says: "'--json' cannot be used with option '--quiet'" },
  ])('refuses $argv in one line', ({ argv, says }) => {
    const wrong = () => parse(...argv)

    expect(wrong).toThrow(UsageError)
    expect(wrong).toThrow(says)
    expect(wrong).not.toThrow(/\n|sk-1234|[.?!)][:;,]/)
  })
})
