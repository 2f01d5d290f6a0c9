import { describe, expect, it } from 'vitest'
import {
  API_KEY,
  misbehave,
  neverAnswer,
  playTeam,
  stallFrom,
  unreachableUrl,
} from './endpoints.ts'
import { occurrences, RECORDED, runCli, startCli, temporaryFolder } from './spawn-cli.ts'

const env = { ...RECORDED, NANOAGENT_API_KEY: API_KEY }

/** Begins a run that stands still at its n-th model request, and ends it by a signal. */
async function endedBy(
  signal: NodeJS.Signals,
  at: number,
  { cwd, baseUrl }: { readonly cwd: string; readonly baseUrl: string },
  args: readonly string[] = ['a password of 20 characters'],
) {
  await using stalling = await stallFrom(at, baseUrl)
  const { child, ended } = startCli([...args, '--base-url', stalling.baseUrl], { env, cwd })
  await stalling.stalled
  child.kill(signal)
  return await ended
}

describe('nanoagent resume', { timeout: 60_000 }, () => {
  it('finishes a run whose process was killed, and asks nothing again that was answered', async () => {
    using folder = temporaryFolder()
    await using team = await playTeam({ count: 1, advice: 'Keep it in the vault.' })
    const where = { cwd: folder.path, baseUrl: team.baseUrl }
    await endedBy('SIGKILL', 2, where)

    const { status, stdout, stderr } = await runCli(['resume', '--base-url', team.baseUrl], {
      env,
      cwd: folder.path,
    })

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('User Request: a password of 20 characters\n')
    expect(stdout).toMatch(/\nGoing on after 1 handoff with run \S+, which was left open\.\n/)
    expect(stdout).not.toContain('[PLANNER]')
    expect(stdout).toContain('[TESTER] Validating')
    expect(stdout).toContain('[planner → implementer]')
    expect(stdout).toMatch(/\*\*Generated Password\*\*: `.{20}`/)
    const asked = team.requests().filter((body) => body.includes('You plan passwords'))
    expect(asked).toHaveLength(1)
  })

  it('goes on with a run that was interrupted, as that run had said', async () => {
    using folder = temporaryFolder()
    await using team = await playTeam({ count: 1, advice: '' })
    const where = { cwd: folder.path, baseUrl: team.baseUrl }
    const interrupted = await endedBy('SIGINT', 2, where)

    const [, command = '', id = ''] =
      /\nTo go on: nanoagent (resume (\S+))\n$/.exec(interrupted.stderr) ?? []
    const resumed = await runCli([...command.split(' '), '--base-url', team.baseUrl], {
      env,
      cwd: folder.path,
    })
    const again = await runCli(['resume', id], { env, cwd: folder.path })

    expect(interrupted.status).toBe(130)
    expect(resumed).toMatchObject({ status: 0, stderr: '' })
    expect(resumed.stdout).toContain(`with run ${id}, which was interrupted.\n`)
    expect(again).toEqual({
      status: 2,
      stdout: '',
      stderr: `nanoagent: run ${id} cannot be resumed: it has ended and is completed\n`,
    })
  })

  it('goes on with a run that timed out or failed, with what was wrong put right', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await using silent = await neverAnswer()
    await using team = await playTeam({ count: 1, advice: '' })
    const late = ['a PIN', '--timeout', '1', '--base-url', silent.baseUrl]
    expect(await runCli(late, { env, cwd })).toMatchObject({
      status: 124,
      stderr: expect.stringContaining('\nTo go on: nanoagent resume '),
    })
    const lost = ['a PIN', '--model', 'none', '--base-url', await unreachableUrl()]
    expect(await runCli(lost, { env, cwd })).toMatchObject({ status: 1 })

    const resumed = await runCli(
      [
        'resume',
        '--all',
        '--json',
        '--timeout',
        '60',
        '--model',
        'one',
        '--base-url',
        team.baseUrl,
      ],
      { env, cwd },
    )

    expect(resumed).toMatchObject({ status: 0, stderr: '' })
    const passed = { status: 'completed', context: { testResults: { verdict: 'PASS' } } }
    expect(JSON.parse(resumed.stdout)).toMatchObject({ runs: [passed, passed], skipped: [] })
    const { stdout } = await runCli(['resume', '--all', '--json'], { env, cwd })
    expect(JSON.parse(stdout)).toEqual({ runs: [], skipped: [] })
    expect(await runCli(['resume', '--all'], { env, cwd })).toMatchObject({
      status: 0,
      stdout: 'No run is left to go on with.\n',
    })
  })

  it('asks where the run asked, but not where another journal says', async () => {
    using folder = temporaryFolder()
    using other = temporaryFolder()
    const refuse = () => misbehave((response) => void response.writeHead(401).end('{}'))
    await using first = await refuse()
    await using second = await refuse()
    const elsewhere = { ...env, NANOAGENT_API_BASE: second.baseUrl }
    await runCli(['a PIN', '--base-url', `${first.baseUrl}?key=of-the-query`], {
      env,
      cwd: folder.path,
    })
    const requests = () => [first.requests(), second.requests()]
    const inFolder = (args: readonly string[], cwd = folder.path) =>
      runCli(args, { env: elsewhere, cwd })

    expect(requests()).toEqual([1, 0])
    await inFolder(['resume'])
    expect(requests()).toEqual([2, 0])
    await inFolder(['resume', '--base-url', second.baseUrl])
    expect(requests()).toEqual([2, 1])
    const exported = await inFolder(['export', 'last'])
    await runCli(['import', '-'], { env, cwd: other.path, input: exported.stdout })
    expect((await inFolder(['resume', 'last'], other.path)).stderr).toContain(second.baseUrl)
    expect(requests()).toEqual([2, 2])
    expect(exported.stdout).not.toContain('of-the-query')
  })

  it('leaves a run alone that another process has', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await using silent = await neverAnswer()
    const args = ['a PIN', '--json', '--base-url', silent.baseUrl]
    const { child, ended } = startCli(args, { env, cwd })
    await silent.asked

    const named = await runCli(['resume', 'last'], { env, cwd })
    const newest = await runCli(['resume'], { env, cwd })
    const all = await runCli(['resume', '--all'], { env, cwd })
    const allInJson = await runCli(['resume', '--all', '--json'], { env, cwd })
    child.kill('SIGINT')
    const { stdout } = await ended

    const { runId } = JSON.parse(stdout)
    const owned = `run ${runId} cannot be resumed: process ${child.pid} runs it, `
    expect(named).toMatchObject({ status: 2, stdout: '' })
    expect(named.stderr).toMatch(new RegExp(`^nanoagent: ${owned}.*\n$`))
    expect(newest).toMatchObject({ status: 2, stdout: '' })
    expect(newest.stderr).toMatch(new RegExp(`^nanoagent: no run is left .*: ${owned}.*\n$`))
    expect(all).toMatchObject({ status: 1, stderr: named.stderr })
    expect(all.stdout).toBe(`\n0 of 1 run completed:\n  ${runId}  not resumed\n`)
    expect(allInJson.status).toBe(1)
    expect(JSON.parse(allInJson.stdout)).toMatchObject({ runs: [], skipped: [{ runId }] })
    expect(JSON.parse(stdout).status).toBe('cancelled')
  })

  it('makes the team again as it was asked for', async () => {
    using folder = temporaryFolder()
    await using team = await playTeam({ count: 2, advice: '' })
    const where = { cwd: folder.path, baseUrl: team.baseUrl }
    const flags = ['--with', 'ux-writer', '--model', 'large', '--model', 'tester=small']
    await endedBy('SIGTERM', 2, where, ['two passwords', ...flags])

    const resumed = await runCli(['resume', '--json', '--base-url', team.baseUrl], {
      env,
      cwd: folder.path,
    })

    const report = JSON.parse(resumed.stdout)
    expect(report).toMatchObject({ status: 'completed', context: { guidance: {}, review: {} } })
    expect(report.context.implementation.passwords).toHaveLength(2)
    const models = team.requests().map((body) => JSON.parse(body).model)
    expect(new Set(models)).toEqual(new Set(['large', 'small']))
    expect(occurrences(resumed.stdout, API_KEY)).toBe(0)
  })

  it('goes on with a chat and with a question', async () => {
    using folder = temporaryFolder()
    const { path: cwd } = folder
    for (const prompt of [
      ['chat', 'Make a PIN'],
      ['ask', 'Why?'],
    ]) {
      await using silent = await neverAnswer()
      const { child, ended } = startCli([...prompt, '--base-url', silent.baseUrl], { env, cwd })
      await silent.asked
      child.kill('SIGKILL')
      await ended
    }
    const asked = await runCli(['resume', '--mock'], { env, cwd })
    const chatted = await runCli(['resume', '--mock', '--json'], { env, cwd })

    expect(asked).toMatchObject({ status: 0, stderr: '' })
    expect(asked.stdout).toMatch(/User Request: Why\?\n\nGoing on with run .*\n.*canned/)
    expect(JSON.parse(chatted.stdout)).toMatchObject({
      status: 'completed',
      passwords: [expect.stringMatching(/^\d{6}$/)],
      toolCalls: [{ name: 'generate_password' }],
    })
    expect(JSON.parse(chatted.stdout).answer).toContain('******')
  })

  it.for([
    { ref: 'nobody', says: /^nanoagent: the journal has no run 'nobody': .*\n$/ },
    { ref: 'last~7', says: /^nanoagent: the journal has no run 'last~7': .*\n$/ },
  ])('says that there is no $ref', async ({ ref, says }) => {
    using folder = temporaryFolder()
    const cwd = folder.path
    await runCli(['--mock'], { env, cwd })

    const resumed = await runCli(['resume', ref], { env, cwd })

    expect(resumed).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(says) })
  })
})
