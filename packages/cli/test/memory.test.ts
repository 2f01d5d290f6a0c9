import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Ended, RECORDED, runCli, temporaryFolder } from './spawn-cli.ts'

/** The command in a folder of its own, with the journal that it makes there. */
function place(): Disposable & {
  readonly path: string
  run(...args: readonly string[]): Promise<Ended>
  json(...args: readonly string[]): Promise<readonly Record<string, unknown>[]>
} {
  const folder = temporaryFolder()
  const run = (...args: readonly string[]) => runCli(args, { cwd: folder.path, env: RECORDED })
  return {
    path: folder.path,
    run,
    async json(...args) {
      const { status, stdout } = await run(...args, '--json')
      expect(status).toBe(0)
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1)

describe('a run in a thread', { timeout: 120_000 }, () => {
  it('takes up what earlier runs of it were told, and says so', async () => {
    using here = place()
    await here.run('--mock', '--quiet', '--thread', 'home', 'always 24 characters for the bank')
    const { stdout } = await here.run('--mock', '--json', '--thread', 'home', 'a bank password')
    const { context } = JSON.parse(stdout)

    expect(context.implementation.password).toHaveLength(24)
    expect(context.plan.why).toContain('As you said before: "always 24 characters for the bank"')
    const alone = await here.run('--mock', '--json', 'a bank password')
    expect(JSON.parse(alone.stdout).context.plan.length).toBe(16)
  })

  it('gives no password twice, and says so where there is no other', async () => {
    using here = place()
    const request = "a password of 8 characters that contains 'Abcdef1!'"
    const args = ['--mock', '--team', 'password-full', '--thread', 'home', request]
    expect((await here.run(...args)).status).not.toBe(1)
    const { status, stdout, stderr } = await here.run(...args)

    expect(status).toBe(1)
    expect(stdout + stderr).toContain('was given before: loosen the options, or begin another')
    const journal = readFileSync(join(here.path, '.nanoagent', 'journal.db'), 'latin1')
    expect(journal).toContain('given ')
  })

  it.for([
    ['--mock', '--thread', 'a/b', 'a PIN'],
    ['chat', '--mock', '--thread', '', 'a PIN'],
    ['threads', '--journal', 'memory'],
    ['memory', 'list', '--journal', 'none.db'],
    ['memory', 'list', '--thread', 'a/b'],
  ])('is refused in one line, before anything is done: %j', async (args) => {
    using here = place()
    const { status, stdout, stderr } = await here.run(...args)

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(
      /^nanoagent: (?:--thread: .*1 to 64 letters|a journal in memory|there is no journal)[^\n]*\n$/,
    )
  })
})

describe('a chat', { timeout: 120_000 }, () => {
  it('goes on with its thread in another process, with its passwords', async () => {
    using here = place()
    const first = await here.run('chat', '--mock', '--json', '2 passwords')
    const [, second = ''] = JSON.parse(first.stdout).passwords
    const { stdout } = await here.run('chat', '--mock', 'check the second one')

    expect(stdout).toContain("Going on with thread 'chat': 1 earlier exchange.")
    expect(stdout).toContain(`check_password_strength(password: ${second.slice(0, 4)}****`)
    expect(stdout).toContain('Yes, it is secure enough')
    const third = await here.run('chat', '--mock', '--json', 'hello')
    expect(JSON.parse(third.stdout)).toMatchObject({ thread: 'chat', exchanges: 2 })
    const other = await here.run('chat', '--mock', '--json', '--thread', 'work', 'check it')
    expect(JSON.parse(other.stdout)).toMatchObject({ thread: 'work', exchanges: 0, toolCalls: [] })
    expect((await here.json('runs', '--thread', 'chat')).length).toBe(3)
  })

  it('remembers wishes beyond what it is told of the conversation', async () => {
    using here = place()
    const told = await here.run('chat', '--mock', 'I never want symbols')
    expect(told.stdout).toContain('I will remember that: I never want symbols.')
    const { stdout } = await here.run('chat', '--mock', '--json', 'a password')
    const { answer, passwords } = JSON.parse(stdout)

    expect(passwords[0]).toMatch(/^[A-Za-z0-9]{16}$/)
    expect(answer).toContain('As you said before: "I never want symbols".')
  })

  it('keeps nothing where the journal is in memory', async () => {
    using here = place()
    const args = ['chat', '--mock', '--json', '--journal', 'memory']
    await here.run(...args, 'a password')
    expect(JSON.parse((await here.run(...args, 'hello')).stdout)).toMatchObject({ exchanges: 0 })
  })
})

describe('what is remembered', { timeout: 120_000 }, () => {
  it('is listed by thread, shown, and forgotten with its traces named', async () => {
    using here = place()
    const wish = 'always 24 characters for the bank'
    await here.run('--mock', '--quiet', '--thread', 'home', wish)
    const made = await here.run('--mock', '--quiet', '--thread', 'home', 'a bank password')
    await here.run('--mock', '--quiet', '--thread', 'work', 'never use symbols')

    expect(await here.json('threads')).toMatchObject([
      { thread: 'work', runs: 1, memories: 2 },
      { thread: 'home', runs: 2, memories: 3 },
    ])
    expect((await here.run('threads')).stdout).toMatch(/^THREAD +RUNS +MEMORIES.*\nwork +1 +2 /)
    const [found, ...others] = await here.json('memory', 'list', '--text', 'bank char')
    expect(others).toEqual([])
    expect(found).toMatchObject({
      thread: 'home',
      role: 'planner',
      key: 'preference bank form',
      value: { purpose: 'bank', about: 'form', text: wish },
    })
    const all = await here.run('memory')
    expect(all.stdout.split('\n')).toHaveLength(6)
    expect(all.stdout).toMatch(/\nhome +implementer +\S+ +given +2 fingerprints\n/)
    expect((await here.run('memory', '--all')).stdout.split('\n')).toHaveLength(7)
    expect(all.stdout).not.toContain(made.stdout.trim())
    for (const name of ['preference bank form', String(found?.id)]) {
      expect((await here.run('memory', 'show', name)).stdout).toContain(`text: "${wish}"`)
    }

    const asked = await here.run('memory', 'forget', 'preference bank form')
    expect(asked).toMatchObject({ status: 2, stdout: '' })
    expect(asked.stderr).toContain('nobody can say yes here: add --yes to forget')
    const forgot = await here.run('memory', 'forget', 'preference bank form', '--yes')
    expect(forgot.stdout).toMatch(
      /^Forgot 1 memory\.\nModel requests of 2 runs quote it, until these are pruned:\n {2}\S+ {2}\d+ requests?\n/,
    )
    expect(await here.json('memory', 'list', '--text', 'bank')).toEqual([])
    const after = await here.run('--mock', '--json', '--thread', 'home', 'a bank password')
    expect(JSON.parse(after.stdout).context.plan.length).toBe(16)
    expect((await here.json('memory', 'list', '--thread', 'work')).length).toBe(2)
  })

  it('of a whole thread is forgotten at once, in JSON too', async () => {
    using here = place()
    await here.run('chat', '--mock', '--quiet', '3 passwords')
    const { stdout } = await here.run('memory', 'forget', '--thread', 'chat', '--yes', '--json')

    const { forgotten, quotedBy } = JSON.parse(stdout)
    expect(forgotten).toHaveLength(3)
    expect(quotedBy).toEqual([])
    expect((await here.run('memory')).stderr).toContain('Nothing is remembered.')
  })

  it('goes along with its runs alone, and its fingerprints match in their journal alone', async () => {
    using here = place()
    using there = place()
    const file = join(there.path, 'runs.jsonl')
    const args = ['--mock', '--quiet', '--thread', 'home'] as const
    await here.run(...args, 'always 24 characters for the bank')
    await here.run('prune', '--keep', '0', '--yes')
    await here.run(...args, 'a password')

    const exported = await here.run('export', '--all', '-o', file)
    const imported = await there.run('import', file)

    expect(exported.stderr).toMatch(
      /^\d memor(y|ies) of runs that were pruned did not go along: .*\n\d memor(y|ies) that exported runs have read cannot be had: .*\nExported 1 run /,
    )
    expect(imported.stdout).toMatch(/^Imported 1 run .*\nPasswords that these runs gave may .*\n$/)
    await there.run('--mock', '--quiet', 'a password')
    const others = await there.run('export', 'last', '-o', 'others.jsonl')
    expect(others.stderr).toMatch(/^Exported 1 run /)
    expect((await here.run('import', join(there.path, 'others.jsonl'))).stdout).toMatch(
      /^Imported 1 run with \d+ records\.\n$/,
    )
  })

  it('makes runs need others, which export names, and with which they replay', async () => {
    using here = place()
    const args = ['--mock', '--quiet', '--thread', 'home'] as const
    await here.run(...args, 'always 24 characters for the bank')
    await here.run(...args, 'a bank password')
    const [second, first] = (await here.json('runs')).map(({ runId }) => String(runId))
    await here.run('fork', 'last', '--at', '.h', '--mock', '--quiet')

    const alone = await here.run('export', String(second), '-o', 'alone.jsonl')
    expect(alone.stderr).toContain(
      `has read memories of 1 other run, and cannot be replayed without: ` +
        `export all into one file, nanoagent export ${first} ${second}.`,
    )
    const json = await here.run('export', 'last', '-o', 'fork.jsonl', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ neededRuns: [first], lostMemories: 0 })
    const check = async (file: string) => (await here.run('replay', '--check', file)).stdout
    expect(await check('alone.jsonl')).toContain('is forgotten or in another journal')

    // Whatever the order in which they are named.
    const whole = await here.run('export', 'last', String(second), String(first), '-o', 'all.jsonl')
    expect(whole.stderr).toMatch(/^Exported 3 runs with \d+ records to all\.jsonl\.\n$/)
    expect(await check('all.jsonl')).not.toContain('is forgotten or in another journal')
  })

  it('outlives the runs that wrote it, with its passwords unseen', async () => {
    using here = place()
    const args = ['chat', '--mock', '--quiet', '--thread', 'home'] as const
    const { stdout } = await here.run(...args, 'I prefer passphrases. Give me one password now')
    expect((await here.run('prune', '--keep', '0', '--yes')).status).toBe(0)
    expect(await here.json('threads')).toMatchObject([{ thread: 'home', runs: 0, memories: 2 }])
    const again = await here.run(...args, 'another one')

    expect(again.stdout).toContain('As you said before: "I prefer passphrases"')
    const [, made = 'none'] = /Here it is:\n\n(\S+)\n/.exec(stdout) ?? []
    expect(made).not.toBe('none')
    for (const shown of [await here.run('memory', '--json'), await here.run('memory')]) {
      expect(shown.stdout).not.toContain(inJson(made))
    }
  })
})
