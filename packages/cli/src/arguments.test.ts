import { DEFAULT_RETRIES, MAX_RETRIES } from '@nanoagent/agents'
import { DEFAULTS } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { type DoctorFlags, parseArguments, type RunArguments } from './arguments.ts'
import { UsageError } from './errors.ts'

function parse(...argv: string[]): RunArguments {
  const parsed = parseArguments(argv, { version: '1.2.3', write: () => {} })
  if (parsed?.command !== 'run') throw new Error(`it was to run: ${parsed?.command ?? 'help'}`)
  return parsed
}

function parseDoctor(...argv: string[]): DoctorFlags {
  const parsed = parseArguments(argv, { version: '1.2.3', write: () => {} })
  if (parsed?.command !== 'doctor') throw new Error(`it was to check: ${parsed?.command ?? 'help'}`)
  return parsed.flags
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
      command: 'run',
      flags: {
        roles: {},
        retries: DEFAULT_RETRIES,
        timeout: DEFAULTS.cliTimeoutMs / 1000,
        color: true,
        logLevel: 'silent',
      },
      isBare: true,
    })
  })

  it('names the defaults of the library in its help, which must not load it', () => {
    const help = shown('--help')
    expect(help).toContain(`(default: ${DEFAULTS.cliTimeoutMs / 1000})`)
    expect(help).toContain(`most handoffs in a row (default: ${DEFAULTS.maxHops})`)
    expect(help).toContain(`per model (default: ${DEFAULTS.modelRequestsAtOnce})`)
    expect(help).toMatch(RegExp(`is made again\\s+\\(default: ${DEFAULT_RETRIES}\\)`))
    expect(parse('--retries', String(MAX_RETRIES)).flags).toMatchObject({ retries: MAX_RETRIES })
    expect(() => parse('--retries', String(MAX_RETRIES + 1))).toThrow(`from 0 to ${MAX_RETRIES}`)
    expect(shown('doctor', '--help')).toContain(`(default: ${DEFAULTS.modelTimeoutMs / 1000})`)
  })

  it.for([['--help'], ['doctor', '--help']])('has a help of at most 80 columns: %j', (argv) => {
    const widths = shown(...argv)
      .split('\n')
      .map(({ length }) => length)

    expect(Math.max(...widths)).toBeLessThanOrEqual(80)
  })

  it('takes every option, before and after the prompt', () => {
    const typed = parse(
      ...['--mock', '--model', 'm', '--base-url', 'http://h/v1', '--timeout', '9', 'a PIN'],
      ...['--max-hops', '4', '--max-tokens', '500', '--json', '--no-color', '--log-level', 'warn'],
      ...['--requests-at-once', '2', '--retries', '3', '--trace'],
    )
    expect(typed).toEqual({
      command: 'run',
      prompt: 'a PIN',
      flags: {
        mock: true,
        model: 'm',
        roles: {},
        retries: 3,
        trace: true,
        requestsAtOnce: 2,
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
    { argv: ['run', 'doctor'], prompt: 'doctor', isBare: false },
    { argv: ['--', 'doctor'], prompt: 'doctor', isBare: false },
    { argv: ['help doctor'], prompt: 'help doctor', isBare: false },
    { argv: ['doctor, a PIN'], prompt: 'doctor, a PIN', isBare: false },
  ])('reads the prompt of $argv', ({ argv, prompt, isBare }) => {
    const typed = parse(...argv)

    expect(typed.prompt).toBe(prompt)
    expect(typed.isBare).toBe(isBare)
  })

  it('gives single roles settings of their own, and the last of several counts', () => {
    const { flags } = parse(
      ...['--model', 'large', '--model', 'tester=tiny', '--model', 'tester=org/small:v=2'],
      ...[
        '--temperature',
        '0.5',
        '--temperature',
        'planner=0',
        '--max-answer-tokens',
        'tester=900',
      ],
    )

    expect(flags).toMatchObject({ model: 'large' })
    expect(flags.roles).toEqual({
      planner: { temperature: 0 },
      implementer: { temperature: 0.5 },
      tester: { model: 'org/small:v=2', temperature: 0.5, maxTokens: 900 },
    })
  })

  it("takes a model's name for one, even with an equals sign in it", () => {
    expect(parse('--model', 'org/model=2').flags).toMatchObject({ model: 'org/model=2', roles: {} })
  })

  it.for([
    { argv: ['doctor'] },
    { argv: ['doctor', '--json', '--model', 'm', '--base-url', 'http://h/v1'] },
    { argv: ['--json', '--model', 'm', 'doctor', '--base-url', 'http://h/v1'] },
  ])('reads $argv as the command', ({ argv }) => {
    const typed = argv.length === 1 ? {} : { json: true, model: 'm', baseUrl: 'http://h/v1' }

    expect(parseDoctor(...argv)).toEqual({ timeout: 60, color: true, ...typed })
  })

  it('explains the doctor', () => {
    expect(shown('doctor', '--help')).toMatch(/^Usage: nanoagent doctor \[options\]\n[\s\S]*four/)
    expect(shown('help', 'doctor')).toBe(shown('doctor', '--help'))
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
    {
      argv: ['--model', 'planer=gpt-4.1'],
      says: "invalid: no agent plays 'planer', the roles are planner, implementer, tester; see",
    },
    { argv: ['--model', 'tester='], says: "invalid: write a value behind 'tester='; see" },
    {
      argv: ['--temperature', '2.1'],
      says: "'2.1' is invalid: expected a number from 0 to 2; see",
    },
    { argv: ['--temperature', 'tester=hot'], says: "'tester=hot' is invalid: expected a number" },
    { argv: ['--temperature', '-1'], says: "argument '-1' is invalid: expected a number" },
    { argv: ['--max-answer-tokens', 'tester=0'], says: "'tester=0' is invalid: expected a whole" },
    { argv: ['--requests-at-once', '0'], says: "argument '0' is invalid: expected a whole number" },
    { argv: ['doctor', '--quiet'], says: "unknown option '--quiet': see nanoagent doctor --help" },
    { argv: ['--quiet', 'doctor'], says: "unknown option '--quiet': see nanoagent doctor --help" },
    {
      argv: ['doctor', 'who'],
      says: 'doctor takes options alone: see nanoagent doctor --help, or',
    },
    { argv: ['doctor', '--model', 'tester=m'], says: 'doctor checks one model: give --model its' },
  ])('refuses $argv in one line', ({ argv, says }) => {
    const wrong = () => parse(...argv)

    expect(wrong).toThrow(UsageError)
    expect(wrong).toThrow(says)
    expect(wrong).not.toThrow(/\n|sk-1234|[.?!)][:;,]/)
  })
})
