import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { API_KEY, misbehave, playTeam, stallFrom } from './endpoints.ts'
import { recordRun, teamBefore } from './recorded-for-replay.ts'
import { type Ended, runCli, startCli, temporaryFolder } from './spawn-cli.ts'

const folder = temporaryFolder()
const file = (name: string) => join(folder.path, name)
const journal = file('journal.db')
const env = { NANOAGENT_JOURNAL: journal }
const passwords: string[] = []
let seq = 0

const REQUESTS = [
  'a password of 24 characters for server admin',
  'a PIN of 8 digits',
  '2 passphrases',
]

beforeAll(async () => {
  for (const request of REQUESTS) {
    const { stdout } = await runCli([request, '--mock', '--quiet'], { env })
    passwords.push(...stdout.trim().split('\n'))
  }
  await runCli(['--mock', 'a PIN', '--team', 'password-full'], { env })
  writeFileSync(file('terse.txt'), 'You are terse.\n')
  seq = await lastSeq()
}, 60_000)

afterAll(() => folder[Symbol.dispose]())

async function lastSeq(): Promise<number> {
  await using opened = await openJournal(journal, { mode: 'read' })
  return await opened.lastSeq()
}

/** Runs a command over the journal, in which it must leave nothing, and tell nothing of its secrets. */
async function over(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const ended = await runCli(args, { env: { ...env, ...more }, cwd: folder.path })
  for (const password of passwords) expect(ended.stdout + ended.stderr).not.toContain(password)
  expect(await lastSeq()).toBe(seq)
  return ended
}

const objectsIn = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('replay --agent', { timeout: 60_000 }, () => {
  it('says of one run that nothing differs, without a key', async () => {
    const { status, stdout, stderr } = await over(['replay', 'last~1', '--agent', 'planner'])

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^RUN +MESSAGE +TYPE +RESULT +WHAT\n\S+ +\. +request\.submitted +same\n/)
    expect(stdout).toMatch(/\n1 run: 1 same\nAll was served from the record\.\n$/)
  })

  it('does not say that all was served where something is not in the record', async () => {
    const path = file('old.db')
    await recordRun(path, { team: teamBefore('planner', 'You plan badly.') })
    const args = ['replay', 'last', '--agent', 'planner', '--journal', path]

    const { status, stdout } = await runCli(args)

    expect(status).toBe(1)
    expect(stdout).toContain('is not in the record')
    expect(stdout).toMatch(/\n1 run: 1 failed\nNothing was asked anew\.\n$/)
  })

  it('asks a model anew over HTTP, and tells field by field what it would publish otherwise', async () => {
    await using endpoint = await playTeam({ count: 1, advice: '' })
    const args = ['replay', '--agent', 'planner', '--runs', 'last:10', '--text', 'server', '--live']
    const { status, stdout, stderr } = await over(
      [...args, '--base-url', endpoint.baseUrl, '--model', 'gpt-new'],
      { NANOAGENT_API_KEY: API_KEY },
    )

    expect({ status, stderr }).toEqual({ status: 4, stderr: '' })
    expect(stdout).toContain('REQUESTS')
    expect(stdout).toContain('  ~ message.data.length: 24 → 20\n')
    expect(stdout).toMatch(
      /\n1 run: 1 changed\nRecorded: 1 request, [\d,]+ tokens\. Now: 1 request/,
    )
    expect(endpoint.requests()).toHaveLength(1)
    expect(endpoint.requests()[0]).toContain('"model":"gpt-new"')
  })

  it('gives other instructions, and performs no recorded tool call again', async () => {
    await using endpoint = await misbehave((response) => {
      response.writeHead(500).end('{}')
    })
    const args = ['replay', '--agent', 'implementer', '--runs', 'all', '--team', 'password']
    const mocked = await over([...args, '--mock', '--instructions', 'terse.txt', '--json'])
    const objects = objectsIn(mocked.stdout)

    expect(mocked.status).toBe(0)
    expect(objects).toHaveLength(REQUESTS.length + 1)
    for (const { status, used, recorded, published } of objects.slice(0, -1)) {
      expect(status).toBe('same')
      expect(used).toMatchObject({ modelCalls: 2, toolCalls: 0 })
      expect(recorded).toMatchObject({ modelCalls: 2, toolCalls: 1 })
      expect(published).toMatchObject([{ to: 'tester', type: 'password.ready' }])
    }
    expect(objects.at(-1)).toMatchObject({ total: { runs: 3, same: 3, changed: 0, failed: 0 } })

    const broken = await over(
      [...args, '--base-url', endpoint.baseUrl, '--requests-at-once', '3'],
      {
        NANOAGENT_API_KEY: API_KEY,
      },
    )
    expect(broken.status).toBe(1)
    expect(broken.stdout).toMatch(/\n3 runs: 3 failed\n/)
  })

  it('shows what it has when it is interrupted', async () => {
    await using endpoint = await playTeam({ count: 1, advice: '' })
    await using stalling = await stallFrom(2, endpoint.baseUrl)
    const args = ['replay', '--agent', 'planner', '--runs', 'all', '--team', 'password']
    const { child, ended } = startCli(
      [...args, '--base-url', stalling.baseUrl, '--requests-at-once', '1'],
      { env: { ...env, NANOAGENT_API_KEY: API_KEY } },
    )
    await stalling.stalled
    child.kill('SIGINT')
    const { status, stdout, stderr } = await ended

    expect({ status, stderr }).toEqual({ status: 130, stderr: 'nanoagent: interrupted\n' })
    expect(stdout).toMatch(/\n\S+ +\. +request\.submitted +changed +1 → 1 /)
    expect(stdout).toMatch(/\n1 run: 1 changed\n/)
  })

  it('tells a run that nobody of this role was in from one that was', async () => {
    const args = ['replay', '--agent', 'security-auditor', '--json', '--runs']
    const { status, stdout } = await over([...args, 'all'])

    expect(status).toBe(0)
    expect(objectsIn(stdout).at(-1)).toMatchObject({ total: { runs: 1, same: 1 } })
    const none = await over([...args, 'last~1'])
    expect(none).toMatchObject({ status: 2, stdout: '' })
    expect(none.stderr).toMatch(
      /^nanoagent: 'security-auditor' has handled nothing in these runs: /,
    )
  })
})

describe('attach', { timeout: 60_000 }, () => {
  it('says what an agent would have published, and labels it', async () => {
    const args = ['attach', 'security-auditor', '--runs', 'all', '--team', 'password', '--mock']
    const { status, stdout, stderr } = await over(args)

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(
      stdout.match(/^security-auditor, attached to \S+ \.h\.h password\.ready /gm),
    ).toHaveLength(3)
    expect(stdout).toContain('  says: Audit complete. ')
    expect(stdout).toContain('  would publish audit.reported to reviewer: Audit complete. ')
    expect(stdout).toMatch(
      /\n3 messages of 3 runs; 6 requests, .* Nothing of it is in the journal\.\n$/,
    )
  })

  it('tells no password that an agent has put into a text', async () => {
    const agents = new URL('../../agents/src/index.ts', import.meta.url)
    const zod = import.meta.resolve('zod')
    const bus = new URL('../../bus/src/index.ts', import.meta.url)
    writeFileSync(
      file('telling.ts'),
      `import { defineAgent, PasswordReady, to } from '${agents}'
      import { defineMessage } from '${bus}'
      import { z } from '${zod}'
      const Told = defineMessage('told', z.object({ text: z.string() }))
      export default defineAgent({
        role: 'teller',
        description: 'Tells.',
        accepts: [PasswordReady],
        emits: [to('coordinator', Told)],
        handle({ data: { passwords: [first] } }, ctx) {
          ctx.handoff('coordinator', Told, { text: 'It is ' + first.reveal() })
        },
      })`,
    )
    const args = ['attach', './telling.ts', '--runs', 'all', '--team', 'password', '--mock']

    const [shown, json] = [await over(args), await over([...args, '--json'])]

    expect(shown).toMatchObject({ status: 0, stderr: '' })
    expect(shown.stdout).toContain('text: "It is secret:')
    expect(objectsIn(json.stdout)[0].published).toMatchObject([
      { data: { text: expect.stringMatching(/^It is secret:/) } },
    ])
  })

  it('says where it fails, as JSON too', async () => {
    const { status, stdout } = await over([
      'attach',
      'ux-writer',
      '--runs',
      'last~1',
      '--mock',
      '--json',
    ])

    expect(status).toBe(1)
    expect(objectsIn(stdout)).toMatchObject([
      {
        role: 'ux-writer',
        message: { to: 'tester' },
        end: { error: { code: 'not_recorded' } },
        published: [],
      },
      { total: { runs: 1, messages: 1, failed: 1 } },
    ])
  })

  it('takes an agent out of a module, and says where no message is for it', async () => {
    const agents = new URL('../../agents/src/index.ts', import.meta.url)
    const module = (type: string) => `import { defineListener, ${type} } from '${agents}'
      export default defineListener({
        role: 'counter',
        description: 'Counts.',
        listens: [${type}],
        handle: ({ data }, ctx) => ctx.log('{made} made', { made: data.passwords.length }),
      })`
    writeFileSync(file('counter.ts'), module('PasswordReady'))
    writeFileSync(file('deaf.ts'), module('QuestionAsked'))

    const counted = await over(['attach', './counter.ts', '--runs', 'last~1', '--mock'])
    expect(counted.stderr).toBe('')
    expect(counted.stdout).toContain('counter, attached to')
    expect(counted.stdout).toContain('  says: 2 made\n')
    const deaf = await over(['attach', './deaf.ts', '--runs', 'all', '--mock'])
    expect(deaf).toMatchObject({ status: 0, stdout: '' })
    expect(deaf.stderr).toContain("no message for 'counter', which takes question.asked")
  })
})

describe.concurrent('is refused in one line', { timeout: 60_000 }, () => {
  const replay = ['replay', '--agent', 'planner']
  it.for<[string, readonly string[]]>([
    [
      "no agent plays 'plannner', the roles are planner, ",
      ['replay', 'last', '--agent', 'plannner'],
    ],
    ['no API key is configured', [...replay, 'last', '--live']],
    ['the instructions none.txt cannot be read', [...replay, 'last', '--instructions', 'none.txt']],
    ["the journal has no run 'nowhere'", [...replay, 'nowhere']],
    ["no agent plays 'nobody', the roles are", ['attach', 'nobody', '--runs', 'last']],
    ['the module ./none.ts is not there', ['attach', './none.ts', '--runs', 'last']],
    ['no API key is configured', ['attach', 'planner', '--runs', 'last']],
  ])('%s', async ([says, args]) => {
    const { status, stdout, stderr } = await over(args)

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^nanoagent: [^\n]+\n$/)
    expect(stderr).toContain(says)
  })

  it('a module that is none, or exports no agent', async () => {
    writeFileSync(file('broken.ts'), 'export default {')
    writeFileSync(file('other.ts'), 'export default { role: "x" }')
    writeFileSync(file('empty.ts'), 'export const agent = 1')
    const said = async (name: string) =>
      (await over(['attach', name, '--runs', 'last', '--mock'])).stderr

    expect(await said('./broken.ts')).toMatch(
      /^nanoagent: the module .\/broken.ts cannot be loaded \([^\n]+\n$/,
    )
    expect(await said('./other.ts')).toContain('exports something else by default: give one whose')
    expect(await said('./empty.ts')).toContain('has no default export: give one whose')
  })
})
