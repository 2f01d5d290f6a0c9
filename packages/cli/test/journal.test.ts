import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { API_KEY, playTeam } from './endpoints.ts'
import { RECORDED, runCli, temporaryFolder } from './spawn-cli.ts'

const env = RECORDED

/** What is in a folder, by its bytes. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).sort()
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'base64')]))
}

/** Runs a command on the journal of a folder. */
function inFolder(cwd: string) {
  return (...args: readonly string[]) => runCli(args, { env, cwd })
}

describe('the journal of the command', { timeout: 120_000 }, () => {
  it('is made where nothing else is said, in a folder of its own, and mentioned once', async () => {
    using folder = temporaryFolder()
    const nanoagent = inFolder(folder.path)

    const first = await nanoagent('--mock', '--quiet')
    const second = await nanoagent('--mock', '--json')
    truncateSync(join(folder.path, '.nanoagent', 'journal.db'), 75_000 * 8_192)
    const third = await nanoagent('ask', '--mock', '--quiet', 'why')

    expect(first.stderr).toBe(
      'Runs are recorded in .nanoagent/journal.db: nanoagent runs lists them, ' +
        '--journal memory keeps none.\n',
    )
    expect(second).toMatchObject({ status: 0, stderr: '' })
    expect(third.stderr).toBe(
      '.nanoagent/journal.db has 614 MB: nanoagent prune --older-than 30d makes it smaller.\n',
    )
    const made = join(folder.path, '.nanoagent')
    expect(readFileSync(join(made, '.gitignore'), 'utf8')).toBe('*\n')
    const modes = ['.', 'journal.db', 'journal.key'].map((name) => statSync(join(made, name)).mode)
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o700, 0o600, 0o600])
  })

  it('is where it is said, or nowhere', async () => {
    using folder = temporaryFolder()
    const { path: cwd } = folder

    const typed = await runCli(['--mock', '--quiet', '--journal', 'here.db'], { env, cwd })
    const variable = { NANOAGENT_JOURNAL: 'deep/er/there.db' }
    const set = await runCli(['chat', '--mock', '--quiet', 'a password'], { env: variable, cwd })
    const none = await runCli(['ask', '--mock', '--quiet', 'why', '--journal', 'memory'], { cwd })
    const runs = await runCli(['runs', '--json'], { env: variable, cwd })
    const refused = await runCli(['runs', '--journal', 'memory'], { cwd })

    expect(typed.stderr).toContain('Runs are recorded in here.db')
    expect(set.stderr).toContain('Runs are recorded in deep/er/there.db')
    expect(none).toMatchObject({ status: 0, stderr: '' })
    expect(readdirSync(cwd).sort()).toEqual(['deep', 'here.db', 'here.key'])
    expect(existsSync(join(cwd, 'deep', '.gitignore'))).toBe(true)
    expect(JSON.parse(runs.stdout)).toMatchObject({ team: 'chat', status: 'completed' })
    expect(refused).toMatchObject({ status: 2, stdout: '' })
    expect(refused.stderr).toMatch(
      /^nanoagent: a journal in memory is gone with its process: .*\n$/,
    )
  })

  it('has neither the key of the model nor what is secret', async () => {
    using folder = temporaryFolder()
    await using team = await playTeam({ count: 1, advice: '' })

    const { status, stdout } = await runCli(
      ['a password', '--quiet', '--journal', 'a.db', '--base-url', team.baseUrl],
      { env: { NANOAGENT_API_KEY: API_KEY }, cwd: folder.path },
    )

    expect(status).toBe(0)
    const bytes = readdirSync(folder.path)
      .map((name) => readFileSync(join(folder.path, name), 'latin1'))
      .join('')
    expect(bytes).toContain('a password')
    for (const hidden of [API_KEY, stdout.trim()]) expect(bytes).not.toContain(hidden)
  })

  it.for<[string, (folder: string) => string, RegExp]>([
    [
      'a folder that cannot be made',
      (folder) => {
        writeFileSync(join(folder, 'file'), '')
        return 'file/journal.db'
      },
      /^nanoagent: the folder file for the journal cannot be made .*--journal, or memory .*\n$/,
    ],
    [
      'no journal',
      (folder) => {
        writeFileSync(join(folder, 'notes.db'), 'Buy milk.\n'.repeat(200))
        return 'notes.db'
      },
      /^nanoagent: notes\.db: this is no journal: name another file; or record nothing with --journal memory\n$/,
    ],
  ])('is refused where there is %s', async ([, prepare, says]) => {
    using folder = temporaryFolder()
    const path = prepare(folder.path)
    const before = contentOf(folder.path)

    const run = await runCli(['--mock', '--journal', path], { env, cwd: folder.path })

    expect(run).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(says) })
    expect(contentOf(folder.path)).toEqual(before)
  })

  it('can be read without its key, but for what is secret, and not written', async () => {
    using folder = temporaryFolder()
    const nanoagent = inFolder(folder.path)
    const { stdout: password } = await nanoagent('--mock', '--quiet')
    rmSync(join(folder.path, '.nanoagent', 'journal.key'))

    const run = await nanoagent('--mock')
    const exported = await runCli(['export', '--all', '--with-secrets'], {
      env: { ...env, NANOAGENT_PASSPHRASE: 'one for this test' },
      cwd: folder.path,
    })

    expect(run).toMatchObject({ status: 2, stdout: '' })
    expect(run.stderr).toMatch(/^nanoagent: .*the key of the journal is missing.*\n$/)
    expect(exported).toMatchObject({ status: 2, stdout: '' })
    expect(exported.stderr).toMatch(
      /^nanoagent: .*the key of the journal is missing: bring it back.*\n$/,
    )
    const shown = await nanoagent('export', '--all')
    expect(shown).toMatchObject({ status: 0, stderr: expect.stringMatching(/^Exported 1 run /) })
    expect(shown.stdout).not.toContain(password.trim())
  })
})

describe('nanoagent export and import', { timeout: 120_000 }, () => {
  const passphrase = { ...env, NANOAGENT_PASSPHRASE: 'one for this test' }

  it('carry runs to another journal, with their passwords where a passphrase seals them', async () => {
    using here = temporaryFolder()
    using there = temporaryFolder()
    const { stdout: password } = await inFolder(here.path)('--mock', '--quiet', 'a password')
    const file = join(there.path, 'runs.jsonl')

    const exported = await runCli(['export', 'last', '--with-secrets', '-o', file], {
      env: passphrase,
      cwd: here.path,
    })
    const told = await inFolder(here.path)('export', '--all', '-o', 'all.jsonl', '--json')
    const none = await inFolder(here.path)('export', '--team', 'x', '-o', 'no.jsonl', '--json')
    const imported = await runCli(['import', file], { env: passphrase, cwd: there.path })
    const again = await runCli(['import', file], { env: passphrase, cwd: there.path })
    const [first, second] = await Promise.all(
      [here.path, there.path].map((cwd) => runCli(['export', '--all'], { env, cwd })),
    )

    expect(exported).toMatchObject({ status: 0, stdout: '' })
    expect(exported.stderr).toMatch(/^Exported 1 run with \d+ records to .*runs\.jsonl\.\n$/)
    expect(told).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(told.stdout)).toMatchObject({ path: 'all.jsonl', runs: 1, withoutValue: 0 })
    expect(JSON.parse(none.stdout)).toMatchObject({ path: null, runs: 0 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toContain(password.trim())
    expect(imported.stdout).toMatch(/^Imported 1 run with \d+ records\.\n$/)
    expect(again).toMatchObject({ status: 2, stdout: '' })
    expect(again.stderr).toMatch(/^nanoagent: .*runs\.jsonl: line 2: the journal has run .*\n$/)
    expect(second?.stdout.split('\n').slice(1)).toEqual(first?.stdout.split('\n').slice(1))
  })

  it('refuse what is broken, and leave everything as it was', async () => {
    using folder = temporaryFolder()
    const nanoagent = inFolder(folder.path)
    const { path: cwd } = folder
    await nanoagent('--mock', '--quiet', '--journal', 'other.db')
    const { stdout } = await nanoagent('export', '--all', '--journal', 'other.db')
    writeFileSync(join(cwd, 'broken.jsonl'), stdout.replace('"kind":"settle"', '"kind":"settled"'))

    const broken = await nanoagent('import', 'broken.jsonl')
    const missing = await nanoagent('import', 'nowhere.jsonl')
    const piped = await runCli(['import', '-'], { env, cwd, input: stdout.slice(0, -30) })
    const unasked = await nanoagent('export', '--all', '--with-secrets', '--journal', 'other.db')

    expect(broken).toMatchObject({ status: 2, stdout: '' })
    expect(broken.stderr).toMatch(/^nanoagent: broken\.jsonl: line \d+: kind: .*imported\n$/)
    expect(missing).toMatchObject({ status: 2, stdout: '' })
    expect(missing.stderr).toMatch(/^nanoagent: nowhere\.jsonl cannot be read \(ENOENT\): .*\n$/)
    expect(piped.stderr).toMatch(/^nanoagent: standard input: .*nothing was imported\n$/)
    expect(unasked).toMatchObject({ status: 2, stdout: '' })
    expect(unasked.stderr).toContain('set NANOAGENT_PASSPHRASE')
    expect(existsSync(join(cwd, '.nanoagent'))).toBe(false)
  })
})

describe('nanoagent prune, verify and backup', { timeout: 120_000 }, () => {
  it('keep a journal', async () => {
    using folder = temporaryFolder()
    const nanoagent = inFolder(folder.path)
    for (const request of ['first', 'second']) await nanoagent('--mock', '--quiet', request)

    const whole = await nanoagent('verify', '--json')
    const copied = await nanoagent('backup', 'copy.db')
    const copiedAgain = await nanoagent('backup', 'copy.db')
    const careless = await nanoagent('prune')
    const unasked = await nanoagent('prune', '--keep', '1')
    const looked = await nanoagent('prune', '--keep', '1', '--dry-run', '--json')
    const pruned = await nanoagent('prune', '--keep', '1', '--yes', '--json')
    const left = await nanoagent('runs', '--json')
    const copy = await nanoagent('runs', '--json', '--journal', 'copy.db')

    const report = JSON.parse(whole.stdout)
    expect(report).toMatchObject({ problems: [], runs: 2 })
    expect(copied).toMatchObject({ status: 0, stderr: '' })
    expect(copiedAgain).toMatchObject({ status: 2, stdout: '' })
    expect(copiedAgain.stderr).toMatch(/^nanoagent: copy\.db: this file exists: .*\n$/)
    expect(careless).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('say what to prune'),
    })
    expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('add --yes') })
    const { runIds } = JSON.parse(looked.stdout)
    expect(runIds).toHaveLength(1)
    expect(JSON.parse(pruned.stdout)).toMatchObject({ runIds })
    expect(JSON.parse(left.stdout)).toMatchObject({ request: 'second' })
    expect(copy.stdout.trim().split('\n')).toHaveLength(2)
  })

  it('say what is damaged, in JSON too', async () => {
    using folder = temporaryFolder()
    const nanoagent = inFolder(folder.path)
    await nanoagent('--mock', '--quiet', '--team', 'password-full')
    const path = join(folder.path, '.nanoagent', 'journal.db')
    const bytes = readFileSync(path)
    const middle = bytes.lastIndexOf('"settle"')
    writeFileSync(path, bytes.fill(0xff, middle, middle + 100))

    const verified = await nanoagent('verify')
    const inJson = await nanoagent('verify', '--json')

    expect(verified).toMatchObject({ status: 1, stderr: '' })
    expect(verified.stdout).toMatch(/^\.nanoagent\/journal\.db has \d+ problems?: .*\n( {2}.+\n)+$/)
    expect(inJson).toMatchObject({ status: 1, stderr: '' })
    expect(JSON.parse(inJson.stdout).problems).not.toEqual([])
  })

  it('say that there is nothing to keep', async () => {
    using folder = temporaryFolder()

    const verified = await inFolder(folder.path)('verify')

    expect(verified).toMatchObject({ status: 2, stdout: '' })
    expect(verified.stderr).toMatch(
      /^nanoagent: there is no journal \.nanoagent\/journal\.db: .*\n$/,
    )
    expect(readdirSync(folder.path)).toEqual([])
  })
})
