import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RecordedJournal, recordJournal } from '../../test/recorded-journal.ts'
import { temporaryFolder } from '../../test/spawn-cli.ts'
import { failureOf } from '../failure.ts'
import { watchInterruption } from '../interruption.ts'
import { cellsOf } from '../screen/cells.ts'
import { createOutput } from '../screen/output.ts'
import { parseReading, READINGS } from './command-line.ts'
import { read } from './read.ts'

/** What a command that reads leaves behind, as the command line would have it; at a terminal of so many columns. */
async function run(
  argv: readonly string[],
  path: string,
  columns?: number,
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const text = { stdout: '', stderr: '' }
  const terminal = columns === undefined ? {} : { isTTY: true, columns }
  const stdout = Object.assign(new PassThrough(), terminal)
  const streams = { stdout, stderr: new PassThrough() }
  for (const name of ['stdout', 'stderr'] as const) {
    streams[name].setEncoding('utf8').on('data', (part: string) => {
      text[name] += part
    })
  }
  const output = createOutput(streams.stdout, streams.stderr)
  const source = { on: () => {}, off: () => {}, exit: () => {} }
  using interruption = watchInterruption(source)
  const act = async () => {
    const name = READINGS.find((word) => word === argv[0]) ?? 'runs'
    const typed = parseReading(name, argv.slice(1), { version: '1', write: output.write })
    if (typed === undefined) return 0
    const env = { NANOAGENT_JOURNAL: path }
    return await read({ reading: typed.reading, env, output, interruption })
  }
  const status = await act().catch((error: unknown) => {
    const failure = failureOf(error)
    output.dump(failure.text)
    return failure.exitStatus
  })
  await output.flush()
  return { status, ...text }
}

let recorded: RecordedJournal

beforeAll(async () => {
  recorded = await recordJournal()
})

afterAll(() => recorded[Symbol.dispose]())

const show = (...args: string[]) => run(args, recorded.path)

/** What a command that succeeds prints, which is nothing but that. */
async function printed(...args: string[]): Promise<string> {
  const { stderr, status, stdout } = await show(...args)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

const linesOf = (text: string) => text.trimEnd().split('\n')

const jsonLines = (text: string): unknown[] => linesOf(text).map((line) => JSON.parse(line))

describe('nanoagent runs', () => {
  it('lists runs, the newest first, and whole where it is piped', async () => {
    const lines = linesOf(await printed('runs'))

    expect(lines[0]).toMatch(/^RUN +AGE +STATUS +TEAM +VERDICT +TOOK +TOKENS +REQUEST$/)
    expect(lines.slice(1).map((line) => line.split(/ +/)[0])).toEqual([
      recorded.open,
      recorded.failed,
      recorded.passed,
    ])
    expect(lines[1]).toMatch(/ open .* How long does it take\?$/)
    expect(lines[2]).toMatch(/ failed +password-full .* A PIN of 6 digits for Zürich$/)
    expect(lines[3]).toMatch(/ completed +password-full +PASS .* [\d,]+ {2}A password of 24 /)
  })

  it('prints a line of JSON for each', async () => {
    expect(jsonLines(await printed('runs', '--json'))).toMatchObject([
      { runId: recorded.open, status: 'open' },
      { runId: recorded.failed, status: 'failed', reason: expect.stringContaining('is down') },
      { runId: recorded.passed, verdict: 'PASS', durationMs: expect.any(Number), thread: 'work' },
    ])
  })

  it.for([
    { filter: ['--status', 'failed,completed'], runs: ['failed', 'passed'] },
    { filter: ['--status', 'open', '--status', 'FAILED'], runs: ['open', 'failed'] },
    { filter: ['--team', 'password-full'], runs: ['failed', 'passed'] },
    { filter: ['--thread', 'work'], runs: ['passed'] },
    { filter: ['--text', 'zurich pin'], runs: ['failed'] },
    { filter: ['--since', '1h'], runs: ['open', 'failed', 'passed'] },
    { filter: ['--until', '1h'], runs: [] },
  ] as const)('keeps to $filter', async ({ filter, runs }) => {
    const { status, stdout } = await show('runs', '--json', ...filter)

    expect(status).toBe(0)
    expect(stdout === '' ? [] : jsonLines(stdout)).toMatchObject(
      runs.map((name) => ({ runId: recorded[name] })),
    )
  })

  it('says where there are more than it lists, or none', async () => {
    const few = await show('runs', '--limit', '1')
    const none = await show('runs', '--team', 'nobody')

    expect(linesOf(few.stdout)).toHaveLength(2)
    expect(few.stderr).toBe('There are more runs: --limit 2 shows older ones.\n')
    expect(none).toEqual({
      status: 0,
      stdout: '',
      stderr: 'The journal has no such runs: ask for less to see others.\n',
    })
  })

  it('of an empty journal says so', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'journal.db')
    await (await openJournal(path)).close()
    expect(await run(['runs'], path)).toEqual({
      status: 0,
      stdout: '',
      stderr: 'The journal has no runs.\n',
    })
  })
})

describe('nanoagent show', () => {
  it('shows a run and its messages in causal order', async () => {
    const text = await printed('show', 'last~2')

    expect(text).toMatch(RegExp(`^run ${recorded.passed}: completed in `))
    expect(text).toContain('\n  verdict  PASS\n')
    expect(text).toMatch(/\n {2}used +\d+ requests, \d+ tool calls, [\d,]+ tokens\n/)
    const paths = [...text.matchAll(/^(\.\S*) /gm)].map(([, path]) => path)
    expect(paths.slice(0, 4)).toEqual(['.', '.h', '.h.b1', '.h.b1.h'])
    expect(paths.slice(-2)).toEqual(['.h.j', '.h.j.h'])
    expect(paths).toContain('.h.b3.a1-1.r')
  })

  it('shows why one failed', async () => {
    const text = await printed('show', recorded.failed.slice(0, 10))

    expect(text).toMatch(/ reason +'planner' failed at request\.submitted in each of 2 attempts/)
    expect(text).toMatch(/^\. +coordinator +planner +request\.submitted +✗ .* ×2 /m)
  })

  it('shows a message, what its handling did, and how it differs from its cause', async () => {
    const text = await printed('show', recorded.passed, '.h.b1')

    expect(text).toMatch(RegExp(`^message ${recorded.passed}\\.h\\.b1: password\\.ready\n`))
    expect(text).toMatch(/ causes +\.h plan\.ready\n/)
    expect(text).toMatch(/\n {2}password: secret:\S+\n/)
    expect(text).toMatch(/\n {2}= kind\n(.*\n)* {2}- purpose: "server admin"\n/)
    expect(text).toMatch(/\nattempt 1 of tester: done after /)
    expect(text).toMatch(/\n {2}step 2: tool check_password_strength, /)
    expect(text).toMatch(/\n {4}response\n {6}strength: "very_strong"\n/)
    expect(text).toContain('\n      instructions: (as in step 1)\n')
  })

  it('shows failed attempts with their errors', async () => {
    const text = await printed('show', `${recorded.failed}.`)

    expect(text).toMatch(/\nattempt 1 of planner: failed after .*: the endpoint is down \(\w+\)\n/)
    expect(text).toMatch(/\nattempt 2 of planner: dead after .*, exhausted: the endpoint is down/)
  })

  it('takes a whole id, or the end of one', async () => {
    const whole = await printed('show', `${recorded.passed}.h.j.h`)

    expect(await printed('show', recorded.passed, `${recorded.passed}.h.j.h`)).toBe(whole)
    expect(await printed('show', recorded.passed, 'j.h')).toBe(whole)
    expect(await printed('show', recorded.passed, '~.h.j.h')).toBe(whole)
  })

  it('prints either as one JSON object', async () => {
    expect(JSON.parse(await printed('show', recorded.passed, '--json'))).toMatchObject({
      runId: recorded.passed,
      status: 'completed',
      about: { team: 'password-full' },
      messages: expect.arrayContaining([
        expect.objectContaining({ message: expect.objectContaining({ type: 'plan.ready' }) }),
      ]),
    })
    expect(JSON.parse(await printed('show', recorded.passed, '.h', '--json'))).toMatchObject({
      message: { id: `${recorded.passed}.h`, data: { kind: 'password' } },
      attempts: [{ outcome: 'done', steps: expect.arrayContaining([expect.anything()]) }],
      cause: { id: recorded.passed },
      differences: [{ path: '', kind: 'changed' }],
    })
  })
})

describe('nanoagent tail', () => {
  it('shows a run from its beginning to its end, and ends with it', async () => {
    const lines = linesOf(await printed('tail', 'last~1'))

    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} {2}\S{8} {2} +run opened by team password-full$/,
    )
    expect(lines[1]).toMatch(/ {2}\. +coordinator → planner request\.submitted {2}/)
    expect(lines).toContainEqual(
      expect.stringMatching(
        / planner attempt 1 failed in .*: the endpoint is down; again in 0 ms$/,
      ),
    )
    expect(lines.at(-1)).toMatch(/ run failed: .* \(2 requests\)$/)
  })

  it('prints a record a line as JSON', async () => {
    const records = jsonLines(await printed('tail', recorded.passed, '--json'))

    expect(records[0]).toMatchObject({ kind: 'run.opened', seq: 1 })
    expect(records.at(-1)).toMatchObject({ kind: 'run.ended', status: 'completed' })
  })
})

describe('at a terminal of 80 columns', () => {
  it.for([
    ['runs', 'RUN AGE STATUS TEAM VERDICT TOOK TOKENS REQUEST'],
    ['stats', 'ROLE HANDLED HANDOFFS ASKS RETRIES DEAD P50 P95 TOKENS'],
  ] as const)('%s has all its columns', async ([name, titles]) => {
    const { stdout } = await run([name], recorded.path, 80)
    const lines = stripVTControlCharacters(stdout).split('\n')

    expect(lines.map((line) => line.trim().split(/ +/).join(' '))).toContain(titles)
    expect(Math.max(...lines.map(cellsOf))).toBeLessThan(80)
  })
})

describe('nanoagent dead-letters and stats', () => {
  it('lists dead letters with reason and error', async () => {
    const [title, ...lines] = linesOf(await printed('dead-letters'))

    expect(title).toMatch(/^RUN +MESSAGE +AGE +ROLE +TYPE +REASON +ATTEMPTS +ERROR$/)
    expect(lines).toEqual([
      expect.stringMatching(
        RegExp(
          `^${recorded.failed}  \\. .* planner +request\\.submitted  exhausted +2  the endpoint`,
        ),
      ),
    ])
    expect(jsonLines(await printed('dead-letters', '--json'))).toMatchObject([
      { runId: recorded.failed, role: 'planner', reason: 'exhausted', attempts: 2 },
    ])
    expect((await show('dead-letters', '--status', 'completed')).stderr).toMatch(/no such dead/)
  })

  it('adds up what the roles did', async () => {
    const text = await printed('stats')

    expect(text).toMatch(/^3 runs: 1 open, 1 failed, 1 completed; \d+ requests, /)
    expect(text).toMatch(/^planner +2 +1 +0 +1 +1 /m)
    expect(text).toMatch(/^HANDOFFS FROM +→ 1/m)
    const { roles } = JSON.parse(await printed('stats', '--json', '--limit', '2'))
    expect(roles.map(({ role }: { role: string }) => role)).toEqual(['worker', 'planner'])
  })
})

describe('whatever is read', () => {
  it('shows no secret in clear', async () => {
    expect(recorded.secrets.length).toBeGreaterThan(0)
    const paths = ['.h', '.h.b1', '.h.b1.h', '.h.b2', '.h.b3', '.h.j', '.h.j.h']
    const commands = [
      ['runs'],
      ['runs', '--json'],
      ['show', recorded.passed],
      ['show', recorded.passed, '--json'],
      ...paths.map((path) => ['show', recorded.passed, path]),
      ...paths.map((path) => ['show', recorded.passed, path, '--json']),
      ['tail', recorded.passed],
      ['tail', recorded.passed, '--json'],
      ['dead-letters', '--json'],
      ['stats', '--json'],
    ]
    for (const command of commands) {
      const text = await printed(...command)
      for (const secret of recorded.secrets) expect(text).not.toContain(secret)
    }
  })

  it('can be read without the key', async () => {
    using copy = await recordJournal()
    rmSync(copy.path.replace('.db', '.key'))
    const { status, stdout } = await run(['show', 'last~2', '.h.b1'], copy.path)

    expect(status).toBe(0)
    expect(stdout).toContain('password: secret:')
  })

  it.for([
    { args: ['show', 'nobody'], says: "the journal has no run 'nobody': " },
    { args: ['show', 'last~9'], says: "the journal has no run 'last~9': the oldest is 'last~2'" },
    { args: ['tail', 'nobody'], says: "the journal has no run 'nobody': " },
    { args: ['show', 'last~2', '.z'], says: "has no message '.z': nanoagent show" },
    { args: ['show', 'last~2', '1'], says: "several messages end with '1', " },
    { args: ['show'], says: 'show needs a run, as in nanoagent show last' },
    { args: ['show', 'a', 'b', 'c'], says: '3 arguments were given, but show takes 2 at most' },
    { args: ['runs', 'last'], says: 'runs takes options alone: see nanoagent runs --help' },
    { args: ['runs', '--status', 'lost'], says: "no run is 'lost', they are open, completed" },
    { args: ['runs', '--since', 'never'], says: 'expected a time ago such as' },
    { args: ['runs', '--limit', '0'], says: 'expected a whole number from 1' },
    { args: ['stats', '--journal', 'none.db'], says: 'there is no journal none.db: ' },
    { args: ['runs', '--journal', 'memory'], says: 'a journal in memory is gone with its process' },
  ])('is refused in one line: $args', async ({ args, says }) => {
    const { status, stdout, stderr } = await show(...args)

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^nanoagent: [^\n]+\n$/)
    expect(stderr).toContain(says)
  })
})
