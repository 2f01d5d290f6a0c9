import { existsSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { API_KEY, playTeam } from './endpoints.ts'
import { occurrences, runCli, startCli, temporaryFolder } from './spawn-cli.ts'

const env = { NANOAGENT_API_KEY: API_KEY }

describe.concurrent('nanoagent', { timeout: 30_000 }, () => {
  it('prints its version and its help', async () => {
    const [version, help, helpCommand] = await Promise.all([
      runCli(['--version']),
      runCli(['--help']),
      runCli(['help']),
    ])

    expect(version).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' })
    expect(help).toMatchObject({ status: 0, stderr: '' })
    expect(helpCommand).toEqual(help)
    for (const option of [
      ...['--mock', '--model', '--base-url', '--timeout', '--max-hops', '--max-tokens', '--json'],
      ...['--quiet', '--no-color', '--log-level', '--version', '--help', 'Examples:', 'status:'],
    ]) {
      expect(help.stdout).toContain(option)
    }
  })

  it('runs on the Node that its package asks for, and says so on an older one', async () => {
    const old = "Object.defineProperty(process,'versions',{value:{node:'20.20.2'}})"

    const { status, stdout, stderr } = await runCli(['--mock'], {
      nodeOptions: ['--import', `data:text/javascript,${old}`],
    })

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(
      /^nanoagent: needs Node.js 24 or newer, this is 20\.20\.2: install Node.js 24 from .*\n$/,
    )
    expect(packageJson.engines.node).toBe('>=24')
  })

  it('shows the run line by line in mock mode, and the password once', async () => {
    const { status, stdout, stderr } = await runCli(['--mock', 'Generate a secure password'])

    const password = /\*\*Generated Password\*\*: `(.+)`/.exec(stdout)?.[1] ?? ''
    expect({ status, stderr, length: password.length }).toEqual({
      ...{ status: 0, stderr: '', length: 16 },
    })
    expect(occurrences(stdout, password)).toBe(1)
    const mask = password.slice(0, 4) + '*'.repeat(12)
    expect(stdout.replace(/config: \{.*\}/, 'config: {...}').replace(password, '...')).toBe(
      [
        ...['='.repeat(60), 'NANOAGENT LEVEL 3: Multi-Agent Orchestration', '='.repeat(60)],
        ...['', 'User Request: Generate a secure password', ''],
        ...['-'.repeat(60), 'ORCHESTRATION PIPELINE', '-'.repeat(60)],
        ...['', '📋 PHASE 1: PLANNING'],
        '  [PLANNER] Analyzing user requirements...',
        '  [PLANNER] Plan created. Handing off to Implementer.',
        ...['', '🔧 PHASE 2: IMPLEMENTATION'],
        '  [IMPLEMENTER] Executing implementation plan...',
        '  [IMPLEMENTER] Generating password with config: {...}',
        `  [IMPLEMENTER] Password generated: ${mask}`,
        '  [IMPLEMENTER] Handing off to Tester for validation.',
        ...['', '🧪 PHASE 3: TESTING'],
        '  [TESTER] Validating generated password...',
        '  [TESTER] Validation complete. Strength: very_strong, Verdict: PASS',
        ...['', '-'.repeat(60), 'MESSAGE HISTORY (Agent Handoffs)', '-'.repeat(60)],
        '  [planner → implementer]: Plan created. Handing off to Implementer.',
        '  [implementer → tester]: Password generated. Handing off to Tester for validation.',
        '  [tester → coordinator]: Validation complete. Verdict: PASS',
        ...['', '='.repeat(60), 'FINAL RESPONSE', '='.repeat(60)],
        '🔐 **Generated Password**: `...`',
        ...['', '**Validation Results**:'],
        ...['- Strength: VERY_STRONG', '- Score: 5/5', '- Verdict: ✅ PASS'],
        ...['', '**Security Checks**:', '- ✓ Length: 16 characters'],
        ...['Uppercase', 'Lowercase', 'Numbers', 'Symbols'].map((name) => `- ✓ ${name}: present`),
        ...['- ✓ Planned length: 16 of 16 characters', ''],
        '**Plan**: A password of 16 characters for general use, with all classes of characters.',
        '',
      ].join('\n'),
    )
  })

  it('runs in mock mode where nothing is typed and no key is configured, and says so', async () => {
    const { status, stdout, stderr } = await runCli([])

    expect(status).toBe(0)
    expect(stdout).toContain(
      'User Request: Generate a highly secure password for my banking application\n',
    )
    expect(stderr).toBe(
      'No API key is configured: running in mock mode. ' +
        'Set NANOAGENT_API_KEY (see .env.template) for a real model.\n',
    )
  })

  it('prints one JSON object', async () => {
    const { status, stdout, stderr } = await runCli([
      'run',
      'Give me 3 passwords',
      '--mock',
      '--json',
    ])
    const report = JSON.parse(stdout)

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(Object.keys(report).join(' ')).toBe(
      'runId status response context attempts history usage durationMs',
    )
    expect(report).toMatchObject({
      status: 'completed',
      context: {
        userRequest: 'Give me 3 passwords',
        plan: { count: 3 },
        implementation: { passwords: [expect.any(String), expect.any(String), expect.any(String)] },
        testResults: { verdict: 'PASS', results: [{}, {}, {}] },
      },
      history: [
        { id: `${report.runId}.h`, from: 'planner', to: 'implementer', type: 'plan.ready' },
        { id: `${report.runId}.h.h`, from: 'implementer', to: 'tester', type: 'password.ready' },
        { from: 'tester', to: 'coordinator', content: 'Validation complete. Verdict: PASS' },
      ],
      usage: { modelCalls: 5, toolCalls: 4 },
    })
    const { passwords } = report.context.implementation
    delete report.context.implementation
    for (const password of passwords) expect(JSON.stringify(report)).not.toContain(password)
  })

  it('prints the passwords alone with --quiet, and reads the prompt from standard input', async () => {
    const { status, stdout, stderr } = await runCli(['--mock', '--quiet', '-'], {
      input: 'two passwords of 24 characters\n',
    })

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^\S{24}\n\S{24}\n$/)
  })

  it('exits with 3 where the verdict is FAIL', async () => {
    const prompt = 'an 8-character password'
    const [human, quiet] = await Promise.all([
      runCli(['--mock', prompt]),
      runCli(['--mock', '--quiet', prompt]),
    ])

    expect(human).toMatchObject({ status: 3, stderr: '' })
    expect(human.stdout).toMatch(/- Verdict: ❌ FAIL\n[\s\S]*\*\*Recommendations\*\*:\n- Use at/)
    expect(quiet).toMatchObject({ status: 3, stdout: expect.stringMatching(/^\S{8}\n$/) })
    expect(quiet.stderr).toMatch(/^nanoagent: the verdict is FAIL: .*\n$/)
  })

  it.for([
    { option: '--max-hops', value: '1', says: /more than 1 hop, .* raise --max-hops\n$/ },
    { option: '--max-tokens', value: '9', says: /its budget is 9: raise --max-tokens or / },
  ])('exits with 1 where $option is used up', async ({ option, value, says }) => {
    const { status, stdout, stderr } = await runCli(['--mock', option, value])

    expect(status).toBe(1)
    expect(stdout).toContain('\nFailed to generate password. Please try again.\n')
    expect(stderr).toMatch(/^nanoagent: the run is over its budget: .*\n$/)
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/maxHops|maxTokens/)
  })

  it('lets no prompt steer the terminal', async () => {
    const { stdout } = await runCli(['--mock', 'a \u001b[2Jpass\u0007word\r\n\u009b31m please'])

    expect(stdout).toContain('User Request: a password please\n')
    expect(stdout).not.toMatch(/(?!\n)\p{Cc}/u)
  })

  it.for([
    { name: 'piped', args: [], set: {}, coloured: false },
    { name: 'forced', args: [], set: { FORCE_COLOR: '1' }, coloured: true },
    { name: 'refused', args: ['--no-color'], set: { FORCE_COLOR: '1' }, coloured: false },
  ])('has colours or not where they are $name', async ({ args, set, coloured }) => {
    const { stdout } = await runCli(['--mock', ...args], { env: set })

    expect(stdout.includes('\u001b[')).toBe(coloured)
  })

  it('writes logs to standard error, and no password into them', async () => {
    const args = ['--mock', '--quiet', '--log-level', 'trace']
    const { status, stdout, stderr } = await runCli(args)
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))

    expect(status).toBe(0)
    expect(lines[0]).toMatchObject({ level: 30, msg: 'run opened' })
    expect(lines.at(-1)).toMatchObject({ level: 30, msg: 'run ended', status: 'completed' })
    expect(lines.length).toBeGreaterThan(10)
    expect(stderr).not.toContain(JSON.stringify(stdout.trim()).slice(1, -1))
  })
})

describe.concurrent('.env', { timeout: 30_000 }, () => {
  it('gives what the environment does not', async () => {
    using folder = temporaryFolder()
    await using endpoint = await playTeam({ count: 1, advice: 'Change it yearly.' })
    const base = `NANOAGENT_API_BASE=${endpoint.baseUrl}\nNANOAGENT_MODEL=from-file\n`
    writeFileSync(join(folder.path, '.env'), `NANOAGENT_API_KEY=wrong\n${base}`)

    const { status, stderr } = await runCli(['a password'], { cwd: folder.path, env })

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(endpoint.requests()[0]).toContain('"model":"from-file"')
  })

  it('is refused in one line where it is no text', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, '.env'), Buffer.from('\ufeffA=1', 'utf16le'))

    const { status, stdout, stderr } = await runCli(['a PIN'], { cwd: folder.path })

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^nanoagent: \.env is not UTF-8 text: [^\n]+\n$/)
  })
})

describe.concurrent('standard output', { timeout: 30_000 }, () => {
  it('may be closed early, as by head', async () => {
    const { child, ended } = startCli(['--mock'])
    child.stdout?.destroy()

    expect(await ended).toMatchObject({ status: 141, stderr: '' })
  })

  it.runIf(existsSync('/dev/full'))('may be full, which is told in one line', async () => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = await runCli(['--mock', 'a PIN'], {
      stdio: ['ignore', full, 'pipe'],
    })

    expect(status).toBe(1)
    expect(stderr).toMatch(
      /^nanoagent: standard output cannot be written \(ENOSPC\): check [^\n]+\n$/,
    )
  })
})
