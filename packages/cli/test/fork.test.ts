import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { API_KEY, playTeam } from './endpoints.ts'
import { RECORDED, runCli, temporaryFolder } from './spawn-cli.ts'

const env = { ...RECORDED }

/** A folder whose journal has a run of the full team. */
async function recorded() {
  const folder = temporaryFolder()
  const cli = (...args: readonly string[]) => runCli(args, { env, cwd: folder.path })
  const run = await cli('--mock', '--team', 'password-full', 'a 16-character password for the bank')
  expect(run.status).toBe(0)
  const { stdout } = await cli('runs', '--json')
  const { runId } = JSON.parse(stdout)
  return {
    cli,
    runId: String(runId),
    path: folder.path,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

const idOf = (stdout: string) => / as run (\S+)\.\n/.exec(stdout)?.[1] ?? ''

describe('nanoagent fork', { timeout: 60_000 }, () => {
  const shared = recorded()
  afterAll(async () => (await shared)[Symbol.dispose]())

  it('runs anew what the message leads to, and serves the rest', async () => {
    using world = await recorded()
    const { status, stdout, stderr } = await world.cli(
      'fork',
      'last',
      '--at',
      '.h',
      '--set',
      'length=20',
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(`Forking run ${world.runId} at .h, which is another there, as run `)
    expect(stdout).not.toContain('[PLANNER] Creating')
    expect(stdout).toContain('✓ Length: 20 characters')

    const diff = await world.cli('diff', world.runId, 'last', '--json')
    expect(diff.status).toBe(1)
    const { messages } = JSON.parse(diff.stdout)
    const kinds = new Map<string, string>(
      messages.map(({ path, kind }: { path: string; kind: string }) => [path, kind]),
    )
    expect([kinds.get('~'), kinds.get('~.h'), kinds.get('~.h.b1')]).toEqual([
      'same',
      'changed',
      'changed',
    ])
    const replayed = await world.cli('replay', idOf(stdout))
    expect(replayed.status).toBe(0)
  })

  it('shows the family of both', async () => {
    using world = await recorded()
    const { stdout } = await world.cli(
      'fork',
      world.runId,
      '--at',
      '.h.b3.a1-1.r',
      '--set',
      'purpose=boat',
    )
    const child = idOf(stdout)
    const trace = await world.cli('trace', world.runId)
    expect(trace.stdout).toContain(`its forks: ${child}`)
    const own = await world.cli('trace', child)
    expect(own.stdout).toContain(`forked from run ${world.runId} at .h.b3.a1-1.r`)
    expect(own.stdout).toMatch(
      /: completed in [\d.]+ m?s, after [\d.]+ m?s served from the record,/,
    )
    const shown = await world.cli('show', child)
    expect(shown.stdout).toMatch(new RegExp(`forked from +${world.runId} at \\.h\\.b3\\.a1-1\\.r`))
    const whole = JSON.parse((await world.cli('show', world.runId, '--json')).stdout)
    expect(whole.forks).toEqual([child])
    const listed = await world.cli('runs', '--forks-of', world.runId, '--json')
    expect(JSON.parse(listed.stdout)).toMatchObject({
      runId: child,
      forkedFrom: { runId: world.runId },
    })
    const none = await world.cli('runs', '--forks-of', child)
    expect(none).toMatchObject({ status: 0, stdout: '' })
    expect(none.stderr).toContain('The journal has no such runs')
    const json = JSON.parse((await world.cli('trace', child, '--json')).stdout)
    expect(json.forkedFrom).toEqual({
      runId: world.runId,
      messageId: `${world.runId}.h.b3.a1-1.r`,
    })
  })

  it('says with --json whose fork it is', async () => {
    using world = await recorded()
    const { stdout } = await world.cli('fork', 'last', '--at', '.h.j', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'completed',
      forkedFrom: { runId: world.runId, messageId: `${world.runId}.h.j` },
    })
  })

  it('takes data from a file, where secrets are handles', async () => {
    using world = await recorded()
    const file = join(world.path, 'data.json')
    const shown = await world.cli('show', 'last', '.h.b1', '--json')
    const { data } = JSON.parse(shown.stdout).message
    writeFileSync(file, JSON.stringify(data))
    expect(readFileSync(file, 'utf8')).toContain(`secret:${world.runId}.`)
    const ran = await world.cli('fork', world.runId, '--at', '.h.b1')
    const [, password = ''] = /\*\*Generated Password\*\*: `(.{16})`/.exec(ran.stdout) ?? []
    expect(password).toHaveLength(16)
    expect(shown.stdout).not.toContain(password)
    const given = await world.cli('fork', world.runId, '--at', '.h.b1', '--data', file, '--quiet')
    expect(given).toMatchObject({ status: 0, stdout: `${password}\n` })
  })

  it('asks another model where one is named, and records that', async () => {
    using world = await recorded()
    await using team = await playTeam({ count: 1, advice: 'Keep it.' })
    const { status, stderr } = await runCli(
      ['fork', 'last', '--at', '.h.b1', '--model', 'another', '--base-url', team.baseUrl],
      { env: { ...env, NANOAGENT_API_KEY: API_KEY }, cwd: world.path },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(team.requests().every((body) => JSON.parse(body).model === 'another')).toBe(true)
    expect(team.requests().length).toBeGreaterThan(0)
    expect((await world.cli('show', 'last')).stdout).toContain('model        another')
  })

  it.each([
    [['fork', 'last'], /fork needs a run and a message/],
    [['fork', 'nothing', '--at', '.'], /no run 'nothing'/],
    [['fork', 'last', '--at', '.h.h.h'], /has no message '\.h\.h\.h'/],
    [['fork', 'last', '--at', '.h', '--set', 'length'], /write path=value/],
    [
      ['fork', 'last', '--at', '.h', '--set', 'nope.a=1'],
      /--set: part 1 of the path 'nope\.a' is 'nope': expected purpose/,
    ],
    [['fork', 'last', '--at', '.h', '--set', 'length=abc'], /the new data: .*length/],
    [
      ['fork', 'last', '--at', '.h.b1', '--set', 'passwords.0=secret:other-run.h#77'],
      /the new data: .*passwords\.0: run \S+ has no secret secret:other-run\.h#77: copy/,
    ],
    [
      ['fork', 'last', '--at', '.h.j', '--set', 'branches.0.status=failed'],
      /the new data: .*branches\.0\.status: Invalid input: expected "done"/,
    ],
    [['fork', 'last', '--at', '.h', '--data', 'missing.json'], /missing\.json cannot be read/],
    [['fork', 'last', '--at', '.h', '--edit'], /--edit needs a terminal .* --data FILE or --set/],
    [['fork', 'last', '--at', '.h', '--data', '-'], /standard input is no JSON/],
  ])('refuses %j in one line, and stores nothing', async (args, expected) => {
    const world = await shared
    const before = (await world.cli('runs', '--json')).stdout
    const { status, stdout, stderr } = await world.cli(...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(expected)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect((await world.cli('runs', '--json')).stdout).toBe(before)
  })
})
