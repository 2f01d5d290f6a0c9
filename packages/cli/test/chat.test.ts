import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { occurrences, runCli, temporaryFolder } from './spawn-cli.ts'

describe.concurrent('nanoagent chat', { timeout: 30_000 }, () => {
  it('shows the calls of its tools with masks, and the password once', async () => {
    const { status, stdout, stderr } = await runCli(['chat', '--mock', '--json', 'a password'])
    const [password = ''] = JSON.parse(stdout).passwords
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(password).toHaveLength(16)
    expect(occurrences(stdout, JSON.stringify(password).slice(1, -1))).toBe(1)

    const shown = await runCli(['chat', '--mock', 'Generate a secure 20-character password'])
    const [, made = ''] = /Here it is:\n\n(\S{20})\n/.exec(shown.stdout) ?? []
    expect(shown.stdout).toContain('🔧 generate_password(kind: password, length: 20')
    expect(shown.stdout).toContain(`→ ${made.slice(0, 4)}************`)
    expect(occurrences(shown.stdout, made)).toBe(1)
  })

  it('asks for its default where nobody can type a prompt', async () => {
    const { status, stdout } = await runCli(['chat', '--mock'])

    expect(status).toBe(0)
    expect(stdout).toContain(
      'User Request: Generate a secure 16-character password for my email account',
    )
  })

  it('is mock by itself where nothing is typed and there is no key', async () => {
    const { status, stderr } = await runCli(['chat'])

    expect(status).toBe(0)
    expect(stderr).toContain('No API key is configured: running in mock mode')
  })

  it('does not show what it was told in its logs', async () => {
    const args = [
      'chat',
      '--mock',
      '--quiet',
      '--log-level',
      'trace',
      'a password of 30 characters',
    ]
    const { stdout, stderr } = await runCli(args)
    const [, password = ''] = /Here it is:\n\n(\S{30})\n/.exec(stdout) ?? []

    expect(password).toHaveLength(30)
    expect(stderr.length).toBeGreaterThan(1_000)
    expect(stderr).not.toContain(JSON.stringify(password).slice(1, -1))
  })

  it('takes instructions from a file', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'told.md')
    writeFileSync(file, 'Be brief.\n')
    const { status } = await runCli(['chat', '--mock', '--instructions', file, 'a PIN'])

    expect(status).toBe(0)
  })

  it.for([
    ['none', undefined, 'cannot be read (ENOENT)'],
    ['an empty one', ' \n', 'are empty'],
    ['one that is no text', new Uint8Array([0xff, 0xfe, 0x00]), 'are not UTF-8 text'],
    ['a too long one', 'x'.repeat(100_001), 'are too long: the most is 100000 characters'],
  ] as const)('refuses %s in one line', async ([, content, why]) => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'told.md')
    if (content !== undefined) writeFileSync(file, content)
    const { status, stdout, stderr } = await runCli([
      'chat',
      '--mock',
      '--instructions',
      file,
      'hi',
    ])

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^nanoagent: the instructions .*\n$/)
    expect(stderr).toContain(why)
  })

  it('refuses a device that never ends, and a folder', async () => {
    for (const [path, why] of [
      ['/dev/zero', 'are too long'],
      ['/', 'cannot be read (EISDIR)'],
    ] as const) {
      const { status, stderr } = await runCli(['chat', '--mock', '--instructions', path, 'hi'])

      expect(status).toBe(2)
      expect(stderr).toContain(`the instructions ${path} ${why}`)
    }
  })

  it('reads the prompt from standard input', async () => {
    const { stdout } = await runCli(['chat', '--mock', '-'], { input: 'a PIN of 4 digits' })

    expect(stdout).toContain('A PIN of 4 digits')
  })
})

describe.concurrent('nanoagent ask', { timeout: 30_000 }, () => {
  it('shows in mock mode what would be sent, and that the answer is canned', async () => {
    const { status, stdout } = await runCli(
      ['ask', '--mock', 'Generate a 20-character password for a banking app'],
      { env: { NANOAGENT_MODEL: 'some-model', NANOAGENT_API_KEY: 'a-key-nobody-sees' } },
    )

    expect(status).toBe(0)
    expect(stdout).toContain('  model: some-model\n')
    expect(stdout).toContain('  user: Generate a 20-character password for a banking app\n')
    expect(stdout).toContain('This answer is canned: no model was asked.')
    expect(stdout).not.toContain('a-key-nobody-sees')
  })

  it('prints one object with --json, and the answer alone with --quiet', async () => {
    const json = await runCli(['ask', '--mock', '--json', 'Why?'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      status: 'completed',
      isCanned: true,
      request: { model: 'gpt-4.1-mini', messages: [{ role: 'user', content: 'Why?' }] },
      answer: 'This answer is canned: no model was asked.',
    })
    const quiet = await runCli(['ask', '--mock', '--quiet', 'Why?'])
    expect(quiet.stdout).toBe('This answer is canned: no model was asked.\n')
  })

  it.for([
    [['ask'], 'ask needs a prompt'],
    [['ask', 'why', 'me'], '2 arguments were given'],
    [['ask', '--json', '--quiet', 'x'], "'--json' cannot be used with option '--quiet'"],
    [['ask', '--instructions', 'f', 'x'], "unknown option '--instructions'"],
    [['ask', 'x'], 'no API key is configured'],
    [['chat', '--retries', '1', 'x'], "unknown option '--retries'"],
  ] as const)('refuses in one line: %j', async ([args, why]) => {
    const { status, stdout, stderr } = await runCli([...args])

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^nanoagent: .*\n$/)
    expect(stderr).toContain(why)
  })
})
