import { DEFAULT_RETRIES, MAX_RETRIES } from '@nanoagent/agents'
import { DEFAULTS } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { COMMAND_WORDS, type DoctorFlags, parseArguments, type RunArguments } from './arguments.ts'
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
        team: 'password',
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

  it.for([['--help'], ...COMMAND_WORDS.map((name) => [name, '--help'])])(
    'has a help of at most 80 columns: %j',
    (argv) => {
      const widths = shown(...argv)
        .split('\n')
        .map(({ length }) => length)

      expect(Math.max(...widths)).toBeLessThanOrEqual(80)
    },
  )

  it('lists every command in its help, and promises no journal in memory where there is none', () => {
    const [, list = ''] = shown('--help').split('Commands:\n')
    for (const name of COMMAND_WORDS) expect(list.split('\n\n')[0]).toMatch(RegExp(`\\b${name}\\b`))
    for (const name of ['runs', 'export', 'import', 'resume', 'memory']) {
      expect(shown(name, '--help')).not.toContain("'memory' keeps none")
    }
    expect(shown('chat', '--help')).toContain("'memory' keeps none")
  })

  it('takes every option, before and after the prompt', () => {
    const typed = parse(
      ...['--mock', '--model', 'm', '--base-url', 'http://h/v1', '--timeout', '9', 'a PIN'],
      ...['--max-hops', '4', '--max-tokens', '500', '--json', '--no-color', '--log-level', 'warn'],
      ...['--requests-at-once', '2', '--retries', '3', '--trace', '--team', 'password-full'],
    )
    expect(typed).toEqual({
      command: 'run',
      prompt: 'a PIN',
      flags: {
        mock: true,
        team: 'password-full',
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

  it.for([
    { argv: ['check'], flags: {} },
    { argv: ['check', '--mermaid', '--team', 'password'], flags: { mermaid: true } },
    { argv: ['check', '--with', 'ux-writer'], flags: { with: ['ux-writer'] } },
    { argv: ['--json', 'check', '--no-color'], flags: { json: true, color: false } },
  ])('takes $argv as a check of the wiring', ({ argv, flags }) => {
    expect(parseArguments(argv, { version: '1.2.3', write: () => {} })).toEqual({
      command: 'check',
      flags: { team: 'password', color: true, ...flags },
    })
  })

  it.for([
    { argv: ['--with', 'ux-writer'], specialists: ['ux-writer'] },
    { argv: ['--with', 'ux-writer,ux-writer'], specialists: ['ux-writer'] },
    {
      argv: ['--with', ' security-auditor , ux-writer,'],
      specialists: ['security-auditor', 'ux-writer'],
    },
    {
      argv: ['--with', 'ux-writer', '--with', 'security-auditor'],
      specialists: ['ux-writer', 'security-auditor'],
    },
  ])('adds specialists to the team: $argv', ({ argv, specialists }) => {
    expect(parse(...argv).flags).toMatchObject({ team: 'password', with: specialists })
  })

  it('knows the settings of the roles that are in the team', () => {
    const full = ['--team', 'password-full', '--temperature', '1', '--model', 'ux-writer=m']

    expect(parse('--temperature', '1').flags.roles).toEqual({
      planner: { temperature: 1 },
      implementer: { temperature: 1 },
      tester: { temperature: 1 },
    })
    expect(parse(...full).flags.roles).toMatchObject({
      'security-auditor': { temperature: 1 },
      'ux-writer': { model: 'm', temperature: 1 },
    })
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
      says: "invalid: no agent plays 'planer', the roles are planner, implementer, tester, ",
    },
    {
      argv: ['--model', 'ux-writer=m'],
      says: "no agent of this team plays 'ux-writer', its roles are planner, implementer, tester: see",
    },
    {
      argv: ['--with', 'ux-writer', '--temperature', 'security-auditor=1'],
      says: "plays 'security-auditor', its roles are planner, implementer, tester, ux-writer, reviewer",
    },
    {
      argv: ['--with', 'auditor'],
      says: "invalid: no specialist plays 'auditor', they are security-auditor, ux-writer; see",
    },
    { argv: ['--with', 'security-auditor,tester'], says: "no specialist plays 'tester', they are" },
    { argv: ['--with', ''], says: 'invalid: name one of security-auditor, ux-writer; see' },
    { argv: ['--with', ' , '], says: 'invalid: name one of security-auditor, ux-writer; see' },
    { argv: ['--with'], says: "option '--with <roles>' argument missing" },
    { argv: ['--team', 'full'], says: 'is invalid: choose one of password, password-full; see' },
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
    { argv: ['check', 'who'], says: 'check takes options alone: see nanoagent check --help, or' },
    {
      argv: ['check', '--team', 'nobody'],
      says: "argument 'nobody' is invalid: choose one of password",
    },
    {
      argv: ['check', '--json', '--mermaid'],
      says: "'--mermaid' cannot be used with option '--json'",
    },
    { argv: ['doctor', '--model', 'tester=m'], says: 'doctor checks one model: give --model its' },
  ])('refuses $argv in one line', ({ argv, says }) => {
    const wrong = () => parse(...argv)

    expect(wrong).toThrow(UsageError)
    expect(wrong).toThrow(says)
    expect(wrong).not.toThrow(/\n|sk-1234|[.?!)][:;,]/)
  })
})
