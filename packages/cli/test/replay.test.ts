import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { passwordTeam } from '@nanoagent/agents'
import { createBus, defineMessage } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { API_KEY, playTeam } from './endpoints.ts'
import { flakyModel, recordRun, slowRuntime, teamBefore } from './recorded-for-replay.ts'
import { RECORDED, runCli, startCli, temporaryFolder } from './spawn-cli.ts'

const OLD = 'You plan passwords, and do it badly.'

/** What stands before the verdict, and the verdict. */
function parts(stdout: string): readonly [shown: string, verdict: string] {
  const [shown = '', verdict = ''] = stdout.split(/\n-+\nREPLAY\n-+\n/)
  return [shown, verdict]
}

/** A text with each of these passwords as a mask. */
function masked(text: string, passwords: readonly string[]): string {
  return passwords.reduce((shown, password) => {
    const clear = /^\d+$/.test(password) ? '' : password.slice(0, Math.min(4, password.length / 4))
    return shown.replaceAll(password, clear.padEnd(password.length, '*'))
  }, text)
}

/** A folder with a journal, and the command in it, without a key. */
function place() {
  const folder = temporaryFolder()
  return {
    cwd: folder.path,
    journal: join(folder.path, 'journal.db'),
    replay: (args: readonly string[], input?: string) =>
      runCli(['replay', ...args], {
        cwd: folder.path,
        env: { NANOAGENT_JOURNAL: join(folder.path, 'journal.db') },
        ...(input === undefined ? {} : { input }),
      }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

describe.concurrent('nanoagent replay', { timeout: 120_000 }, () => {
  it('prints what the run printed, without a key and an endpoint, and is identical', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const args = ['two passwords', '--with', 'ux-writer', '--model', 'tester=small']
    const run = await (async () => {
      await using endpoint = await playTeam({ count: 2, advice: 'Keep it.' })
      const env = { ...RECORDED, NANOAGENT_API_KEY: API_KEY }
      return await runCli([...args, '--base-url', endpoint.baseUrl], { cwd, env })
    })()
    const passwords = Array.from(run.stdout.matchAll(/^\d\. `(.{20})` - /gm), ([, one = '']) => one)

    const { status, stdout, stderr } = await runCli(['replay', 'last'], { cwd, env: RECORDED })

    const [shown, verdict] = parts(stdout)
    expect(passwords).toHaveLength(2)
    expect(shown).toBe(masked(run.stdout, passwords))
    expect(verdict).toBe('identical: 6 attempts made again, all as recorded.\n')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it('replays a chat and a question', async () => {
    using folder = temporaryFolder()
    const cwd = folder.path
    const chat = await runCli(['chat', '--mock', 'Give me 3 PINs'], { cwd, env: RECORDED })
    const ask = await runCli(['ask', '--mock', 'Why?'], { cwd, env: RECORDED })
    const pins = Array.from(chat.stdout.matchAll(/^\d\. (\d{6})$/gm), ([, pin = '']) => pin)

    const chatted = await runCli(['replay', 'last~1'], { cwd, env: RECORDED })
    const asked = await runCli(['replay', 'last'], { cwd, env: RECORDED })

    const verdict = 'identical: 1 attempt made again, all as recorded.\n'
    expect(pins).toHaveLength(3)
    expect(parts(chatted.stdout)).toEqual([masked(chat.stdout, pins), verdict])
    expect(parts(asked.stdout)).toEqual([expect.stringMatching(/\n\nThis answer .*\n$/), verdict])
    expect(ask.stdout).toContain('This answer')
    expect([chatted.status, asked.status]).toEqual([0, 0])
  })

  it('tells the first divergence, why it is one, and exits with 4', async () => {
    using at = place()
    const team = teamBefore('planner', OLD)
    const { secrets } = await recordRun(at.journal, { team })

    const { status, stdout, stderr } = await at.replay(['last'])
    const json = await at.replay(['last', '--json'])

    const [shown, verdict] = parts(stdout)
    expect({ status, stderr }).toEqual({ status: 4, stderr: '' })
    expect(shown).toContain('  ✗ planner does something else now: the prompt has changed\n')
    expect(shown).toContain('FINAL RESPONSE')
    expect(verdict).toMatch(
      /^diverged: planner, handling \. request\.submitted\n {2}step 2 asks for something else \(the prompt has changed\)\n/,
    )
    expect(verdict).toContain(`    ~ request.instructions:\n      - "${OLD}"\n      + "You plan`)
    expect(verdict).toMatch(/\n3 attempts made again, 2 as recorded\.\n$/)
    const report = JSON.parse(json.stdout)
    expect(json).toMatchObject({ status: 4, stderr: '' })
    expect(report).toMatchObject({
      status: 'diverged',
      recorded: 'completed',
      attempts: 'settled',
      divergence: {
        role: 'planner',
        why: 'prompt_changed',
        number: 2,
        differences: [{ path: 'request.instructions', before: OLD }],
      },
      deliveries: [
        { status: 'diverged', why: 'prompt_changed' },
        { status: 'identical' },
        { status: 'identical' },
      ],
    })
    for (const secret of secrets) expect(stdout + json.stdout).not.toContain(secret)
  })

  it('shows attempts that failed, and makes them again on request', async () => {
    using at = place()
    const team = passwordTeam()
    await recordRun(at.journal, { model: flakyModel(team, ['planner', 'tester']) })

    const settled = await at.replay(['last'])
    const all = await at.replay(['last', '--attempts', 'all'])
    const json = await at.replay(['last', '--attempts', 'all', '--json'])

    const failure = '  [PLANNER] Attempt 1 failed: the line is busy. Trying again in 0.0 s...\n'
    expect(parts(settled.stdout)[0]).toContain(failure)
    expect(parts(all.stdout)[0]).toBe(parts(settled.stdout)[0])
    expect(parts(settled.stdout)[1]).toBe('identical: 3 attempts made again, all as recorded.\n')
    expect(parts(all.stdout)[1]).toBe('identical: 5 attempts made again, all as recorded.\n')
    expect([settled.status, all.status, json.status]).toEqual([0, 0, 0])
    const attempts = JSON.parse(json.stdout).deliveries.map(
      ({ role, attempt, status }: Record<string, unknown>) => `${role} ${attempt} ${status}`,
    )
    expect(attempts).toEqual([
      'planner 1 identical',
      'planner 2 identical',
      'implementer 1 identical',
      'tester 1 identical',
      'tester 2 identical',
    ])
  })

  it('finds an attempt that does not fail any more', async () => {
    using at = place()
    const team = passwordTeam()
    const agents = team.agents.map((agent) => ({
      ...agent,
      handle(...[message, ctx]: Parameters<typeof agent.handle>) {
        if (agent.role === 'tester' && ctx.attempt === 1) throw new Error('no pen')
        return agent.handle(message, ctx)
      },
    }))
    await recordRun(at.journal, { team: { ...team, agents } })

    const settled = await at.replay(['last'])
    const all = await at.replay(['last', '--attempts', 'all'])

    expect([settled.status, all.status]).toEqual([0, 4])
    expect(parts(all.stdout)[1]).toMatch(/^diverged: tester, handling \.h\.h password\.ready\n/)
  })

  it('replays a run that failed, and says how it ended', async () => {
    using at = place()
    const down = { name: 'down', generate: () => Promise.reject(new Error('it is down')) }
    const { status } = await recordRun(at.journal, { model: down })

    const replayed = await at.replay(['last', '--attempts', 'all'])

    expect(status).toBe('failed')
    expect(replayed).toMatchObject({ status: 0, stderr: '' })
    expect(parts(replayed.stdout)[0]).toMatch(/\nRecorded: the run failed: .*it is down.*\n$/)
    expect(parts(replayed.stdout)[1]).toBe('identical: 2 attempts made again, all as recorded.\n')
  })

  it('shows no password, however it is looked at', async () => {
    using at = place()
    const prompt = '2 passwords of 20 characters for my bank'
    const { secrets } = await recordRun(at.journal, { prompt })
    const commands = 'n\ni\nn\ni\nn\ni\ni .\nq\n'

    const told = [
      await at.replay(['last']),
      await at.replay(['last', '--json']),
      await at.replay(['last', '--step'], commands),
    ]

    expect(secrets.length).toBeGreaterThan(1)
    for (const { stdout, stderr, status } of told) {
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
      for (const secret of secrets) expect(stdout).not.toContain(secret)
    }
  })

  it('goes on step by step, as it is told', async () => {
    using at = place()
    await recordRun(at.journal)

    const { status, stdout, stderr } = await at.replay(
      ['last', '--step'],
      'h\nnonsense\nn\ni\nt .h.h\nn writer\nt .h\nq\n',
    )

    const [shown, verdict] = parts(stdout)
    expect(status).toBe(0)
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining("there is no command 'nonsense': h says what there is"),
      expect.stringContaining("'writer' handles nothing from here on: these do: tester"),
      expect.stringContaining('.h is not handled from here on'),
      '',
    ])
    const order = [
      'Next: planner, handling . request.submitted\n',
      '  n [ROLE]     handle',
      '[PLANNER] Plan created.',
      'Next: implementer, handling .h plan.ready\n',
      ': request.submitted\n',
      '    response\n',
      '[IMPLEMENTER] Password generated: ********\n',
      'Next: tester, handling .h.h password.ready\n',
    ].map((text) => shown.indexOf(text))
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order).not.toContain(-1)
    expect(shown).not.toContain('Validating')
    expect(verdict).toBe('left before the end: 2 attempts made again, all as recorded.\n')
  })

  it('is interrupted by Ctrl-C where it waits for a command, and left by Ctrl-D', async () => {
    using at = place()
    await recordRun(at.journal)
    const terminal = 'process.stdin.isTTY = process.stdout.isTTY = true'
    const args = ['replay', 'last', '--step', '--journal', at.journal]
    const typed = (input: string) =>
      runCli(args, { input, nodeOptions: ['--import', `data:text/javascript,${terminal}`] })

    const interrupted = await typed('\u0003')
    const left = await typed('\u0004')

    expect(interrupted.status).toBe(130)
    expect(interrupted.stderr).toContain('interrupted')
    expect(interrupted.stdout).not.toContain('left before the end')
    expect(left.status).toBe(0)
    expect(left.stdout).toContain('left before the end')
  })

  it('goes on to a role, and to the end', async () => {
    using at = place()
    const team = teamBefore('tester', 'You test.')
    await recordRun(at.journal, { team })

    const { status, stdout } = await at.replay(['last', '--step'], 'n implementer\nc\n')
    const inspected = await at.replay(['last', '--step'], 'n tester\ni\nq\n')

    expect(stdout.match(/^Next: .*$/gm)).toEqual([
      'Next: planner, handling . request.submitted',
      'Next: tester, handling .h.h password.ready',
    ])
    expect(status).toBe(4)
    expect(parts(stdout)[1]).toMatch(/^diverged: tester/)
    expect(inspected.status).toBe(4)
    expect(inspected.stdout).toMatch(/\nwhat it does now\n {2}step 1 asks for something else/)
    expect(inspected.stdout).toContain('FINAL RESPONSE')
  })

  it('waits as long as it took, and stops waiting at Ctrl-C', async () => {
    using at = place()
    await recordRun(at.journal, { runtime: slowRuntime() })
    const args = ['replay', 'last', '--speed', '1', '--journal', at.journal]
    const { child, ended } = startCli(args)
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (part) => {
        if (String(part).includes('PIPELINE')) setImmediate(resolve)
      })
    })
    child.kill('SIGINT')
    const { status, stdout, stderr } = await ended

    expect({ status, stderr }).toEqual({ status: 130, stderr: 'nanoagent: interrupted\n' })
    expect(stdout).not.toContain('REPLAY')
  })

  it('says what is lost of a run that read what is forgotten', async () => {
    using at = place()
    const where = { cwd: at.cwd, env: { NANOAGENT_JOURNAL: at.journal } }
    const wish = ['always 24 characters for the bank', 'a password for the bank']
    for (const prompt of wish) await runCli(['--mock', '--thread', 'home', prompt], where)
    const forget = ['memory', 'forget', '--thread', 'home', '--yes']
    const { status } = await runCli(forget, where)

    const replayed = await at.replay(['last'])

    expect(status).toBe(0)
    expect(replayed).toMatchObject({ status: 1, stderr: '' })
    expect(parts(replayed.stdout)[1]).toMatch(/^not replayable: 'planner' has read the memory /)
  })

  it('says what needs a password that is sealed, without the key of the journal', async () => {
    using at = place()
    await recordRun(at.journal, { prompt: 'a password of 20 characters' })
    rmSync(at.journal.replace(/db$/, 'key'))

    const { status, stdout, stderr } = await at.replay(['last'])

    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout).toContain('**Generated Password**: `********`')
    expect(parts(stdout)[1]).toMatch(
      /^not replayable: secret:.* was read without the key .*\n1 attempt made again, all as recorded; 2 could not be\.\n$/,
    )
  })

  it('refuses what it cannot replay, in one line', async () => {
    using at = place()
    await recordRun(at.journal)
    const Asked = defineMessage('asked', z.string())
    {
      await using journal = await openJournal(at.journal)
      await using bus = createBus({ journal })
      const run = bus.publish('nobody', Asked, 'hello', { terminal: Asked })
      await run.result
    }
    const cases: readonly (readonly [args: readonly string[], says: string])[] = [
      [[], 'replay needs a run, as in nanoagent replay last: see nanoagent runs'],
      [['last', 'last~1'], '2 arguments were given, but replay takes one run'],
      [['last'], 'was not begun by this command: replay it with the program that made it'],
      [['last~7'], "the journal has no run 'last~7'"],
      [['last~1', '--speed', '2'], 'choose one of 1, 4, max'],
      [['last~1', '--attempts', 'some'], 'choose one of settled, all'],
      [['last~1', '--step', '--json'], "'--step' cannot be used with option '--json'"],
      [['last~1', '--journal', 'memory'], 'a journal in memory is gone with its process'],
      [['last~1', '--journal', 'none.db'], 'there is no journal none.db'],
    ]
    for (const [args, says] of cases) {
      const { status, stdout, stderr } = await at.replay(args)

      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(/^nanoagent: [^\n]+\n$/)
      expect(stderr).toContain(says)
    }
  })
})
