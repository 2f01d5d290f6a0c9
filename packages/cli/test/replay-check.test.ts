import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { askTeam, createOfflineModel } from '@nanoagent/agents'
import { exportRuns, type Journal } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { createOrchestrator } from '@nanoagent/orchestrator'
import { XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { recordRun } from './recorded-for-replay.ts'
import { type CliOptions, runCli, startCli, temporaryFolder } from './spawn-cli.ts'

/** A folder with a folder of exported runs, and the command in it, without a key. */
function place() {
  const folder = temporaryFolder()
  mkdirSync(join(folder.path, 'runs'))
  return {
    cwd: folder.path,
    file: (name: string) => join(folder.path, 'runs', name),
    /** Records questions as the command does, and exports them into a file of the folder; gives their ids. */
    async record(name: string, { instructions, count = 1 }: Recording = {}) {
      await using journal = await openJournal(join(folder.path, `${basename(name)}.db`))
      const ids = await ask(journal, instructions, count)
      const lines: string[] = []
      await exportRuns(journal, ids, (line) => lines.push(line))
      writeFileSync(join(folder.path, 'runs', name), lines.join(''))
      return ids
    },
    check: (args: readonly string[] = [], options: CliOptions = {}) =>
      runCli(['replay', '--check', 'runs', ...args], { cwd: folder.path, ...options }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

interface Recording {
  /** What the agent was told then. Default: what it is told today. */
  readonly instructions?: string
  readonly count?: number
}

async function ask(journal: Journal, instructions: string | undefined, count: number) {
  const team = askTeam()
  const agents = team.agents.map((agent) =>
    instructions === undefined ? agent : { ...agent, instructions },
  )
  await using orchestrator = createOrchestrator({
    team: { ...team, agents },
    model: createOfflineModel(agents),
    journal,
    about: { command: { name: 'ask', mode: 'mock', settings: {} } },
  })
  const ids: string[] = []
  for (let made = 0; made < count; made++) ids.push((await orchestrator.run('Why?')).runId)
  return ids
}

const OLD = 'You answer badly.'

const DIVERGED =
  'answerer, handling . question.asked: step 1 asks for something else (the prompt has changed)'

describe.concurrent('nanoagent replay --check', { timeout: 120_000 }, () => {
  it('replays the runs of a folder, and is quiet about those that are identical', async () => {
    using at = place()
    mkdirSync(at.file('more'))
    await at.record('a.jsonl', { count: 2 })
    await at.record('more/b.jsonl')

    const { status, stdout, stderr } = await at.check()
    const one = await runCli(['replay', '--check', at.file('a.jsonl')])

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^identical: 3 runs of 2 files \([\d.]+ m?s\)\n$/)
    expect(one.stdout).toMatch(/^identical: 2 runs of 1 file /)
  })

  it('says which is not, and why, among files that cannot be read', async () => {
    using at = place()
    const [old = ''] = await at.record('old.jsonl', { instructions: OLD })
    await at.record('good.jsonl')
    writeFileSync(at.file('broken.jsonl'), '{"nanoagent":"export"}\n')
    symlinkSync(at.file('none'), at.file('dangling.jsonl'))

    const { status, stdout, stderr } = await at.check(['--junit', 'out.xml'])
    const json = await at.check(['--json', '--at-once', '1'])

    expect({ status, stderr }).toEqual({ status: 4, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.slice(0, -1).sort()).toEqual([
      expect.stringMatching(/^! runs\/broken.jsonl:1: unreadable: version: /),
      expect.stringMatching(/^! runs\/dangling.jsonl: unreadable: ENOENT: /),
      `✗ runs/old.jsonl:2 ${old}: ${DIVERGED}`,
    ])
    expect(lines.at(-1)).toMatch(
      /^diverged: 2 runs of 4 files: 1 diverged, 2 files unreadable, 1 identical \(/,
    )
    const xml = readFileSync(join(at.cwd, 'out.xml'), 'utf8')
    expect(XMLValidator.validate(xml)).toBe(true)
    expect(xml).toContain(' tests="4" failures="1" errors="2" ')
    expect(JSON.parse(json.stdout)).toMatchObject({
      path: 'runs',
      files: 4,
      isComplete: true,
      counts: { identical: 1, diverged: 1, not_replayable: 0, unreadable: 2 },
      runs: [
        { file: 'runs/broken.jsonl', status: 'unreadable', line: 1 },
        { file: 'runs/dangling.jsonl', status: 'unreadable' },
        { file: 'runs/good.jsonl', status: 'identical' },
        {
          file: 'runs/old.jsonl',
          status: 'diverged',
          divergence: { why: 'prompt_changed', differences: [{ before: OLD }] },
        },
      ],
    })
    for (const { durationMs } of [JSON.parse(json.stdout), ...JSON.parse(json.stdout).runs]) {
      expect(Number.isInteger(durationMs)).toBe(true)
    }
    expect(json).toMatchObject({ status: 4, stderr: '' })
  })

  it('uses passwords that are sealed, and says which are not there', async () => {
    using at = place()
    const path = join(at.cwd, 'journal.db')
    const { runId, secrets } = await recordRun(path)
    {
      await using journal = await openJournal(path, { mode: 'read' })
      for (const [name, options] of [
        ['bare.jsonl', {}],
        ['sealed.jsonl', { passphrase: 'open sesame' }],
      ] as const) {
        const lines: string[] = []
        await exportRuns(journal, [runId], (line) => lines.push(line), options)
        writeFileSync(at.file(name), lines.join(''))
      }
    }

    const known = await at.check([], { env: { NANOAGENT_PASSPHRASE: 'open sesame' } })
    const wrong = await at.check([], { env: { NANOAGENT_PASSPHRASE: 'sesame' } })
    const asked = await at.check()
    const without = await at.check(['--without-secrets'])

    const bare = `! runs/bare.jsonl:2 ${runId}: not replayable: secret:`
    expect(known).toMatchObject({ status: 1, stderr: '' })
    expect(known.stdout).toContain(bare)
    expect(known.stdout).toMatch(
      /\nnot all replayed: 2 runs of 2 files: 1 not replayable, 1 identical \(/,
    )
    expect(wrong.stdout).toContain(
      '! runs/sealed.jsonl:1: unreadable: the passphrase is not the one',
    )
    expect(asked).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('set NANOAGENT_PASSPHRASE'),
    })
    expect(without.stdout).toContain(': 2 not replayable, 0 identical')
    for (const secret of secrets) {
      expect(known.stdout + wrong.stdout + without.stdout).not.toContain(secret)
    }
  })

  it('records anew what has diverged, shows what changed, and touches nothing else', async () => {
    using at = place()
    const [old] = await at.record('old.jsonl', { instructions: OLD })
    await at.record('good.jsonl')
    const { mtimeMs } = statSync(at.file('good.jsonl'))

    const { status, stdout, stderr } = await at.check(['--update', '--junit', 'out.xml'])
    const again = await at.check()

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(`\n✓ runs/old.jsonl:2 ${old} is recorded anew:\n`)
    expect(stdout).toContain(`        ~ request.instructions: "${OLD}" → "You are`)
    expect(stdout).toMatch(/\nRecorded anew: 1 run\.\n$/)
    const xml = readFileSync(join(at.cwd, 'out.xml'), 'utf8')
    expect(xml).toContain(' tests="2" failures="0" errors="0" ')
    expect(xml).toContain('<system-out>It was recorded anew. Before that:\n')
    expect(again.stdout).toMatch(/^identical: 2 runs of 2 files /)
    expect(statSync(at.file('good.jsonl')).mtimeMs).toBe(mtimeMs)
    expect(readdirSync(join(at.cwd, 'runs'))).toEqual(['good.jsonl', 'old.jsonl'])
  })

  it('records nothing anew where the model needs a key that is not there', async () => {
    using at = place()
    await at.record('old.jsonl', { instructions: OLD })
    const path = at.file('old.jsonl')
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"mode":"mock"', '"mode":"live","model":"m"'),
    )
    const before = readFileSync(path, 'utf8')

    const refused = await at.check(['--update'])
    const mocked = await at.check(['--update', '--mock', '--json'])

    expect(refused.status).toBe(2)
    expect(refused.stderr).toMatch(/^nanoagent: no API key is configured: .*--mock\n$/)
    expect(mocked.status).toBe(0)
    expect(JSON.parse(mocked.stdout).updated).toMatchObject([{ diff: { isSame: false } }])
    expect(before).toContain('"mode":"live"')
    expect(readFileSync(path, 'utf8')).toContain('"mode":"mock"')
  })

  it('says at Ctrl-C what it has found by then', async () => {
    using at = place()
    const [old = ''] = await at.record('a.jsonl', { instructions: OLD })
    const [header, ...lines] = readFileSync(at.file('a.jsonl'), 'utf8').split('\n')
    const one = lines.slice(0, -2).join('\n')
    const many = Array.from({ length: 5_000 }, (_, number) => one.replaceAll(old, `run-${number}`))
    writeFileSync(at.file('a.jsonl'), [header, ...many].join('\n'))
    const args = ['replay', '--check', 'runs', '--junit', 'out.xml']
    const { child, ended } = startCli(args, { cwd: at.cwd })
    child.stdout?.once('data', () => child.kill('SIGINT'))

    const { status, stdout } = await ended

    expect(status).toBe(130)
    expect(stdout).toMatch(/\nended early: diverged: \d+ runs? of 1 file: /)
    expect(readdirSync(at.cwd)).not.toContain('out.xml')
  })

  it('refuses what it cannot check, in one line', async () => {
    using at = place()
    const cases: readonly (readonly [args: readonly string[], says: string])[] = [
      [['--check', 'none'], 'none cannot be read (ENOENT)'],
      [['--check', 'runs'], 'there are no exported runs in runs'],
      [['--check', ''], '--check is empty: give it a path'],
      [['--check', 'runs', 'last'], "replay takes a run or --check: leave out 'last' or --check"],
      [
        ['--check', 'runs', '--step'],
        "option '--check <path>' cannot be used with option '--step'",
      ],
      [['--check', 'runs', '--mock'], '--mock goes with --update'],
      [['--check', 'runs', '--at-once', '0'], 'expected a whole number from 1'],
      [['last', '--junit', 'x'], '--junit goes with --check, as in nanoagent replay --check runs/'],
    ]
    for (const [args, says] of cases) {
      const { status, stdout, stderr } = await runCli(['replay', ...args], { cwd: at.cwd })

      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(/^nanoagent: [^\n]+\n$/)
      expect(stderr).toContain(says)
    }
    await at.record('a.jsonl')
    const unwritable = await at.check(['--junit', 'none/out.xml'])
    expect(unwritable).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('none/out.xml cannot be written (ENOENT)'),
    })
  })
})
