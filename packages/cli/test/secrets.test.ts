import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { API_KEY, playTeam } from './endpoints.ts'
import { occurrences, runCli, temporaryFolder } from './spawn-cli.ts'

const ADVICE = 'Change it yearly.'

// What a model hears of a handle that it got wrong.
const WRONG_HANDLE = /no secret has the handle secret:|give the handles that the tools gave you/

/** How a secret may be spelled: as it is, within JSON, and within JSON within JSON. */
function spellings(secret: string): readonly string[] {
  const within = JSON.stringify(secret).slice(1, -1)
  return [secret, within, JSON.stringify(within).slice(1, -1)]
}

/** Runs the whole team against an endpoint that keeps what it is sent, in folders of their own. */
async function runTeam(args: readonly string[], { mangles }: { readonly mangles: boolean }) {
  using folder = temporaryFolder()
  const cwd = join(folder.path, 'cwd')
  const TMPDIR = join(folder.path, 'tmp')
  for (const path of [cwd, TMPDIR]) mkdirSync(path)
  await using endpoint = await playTeam({ count: 2, advice: ADVICE, mangles })

  const ended = await runCli(
    ['two passwords', '--base-url', endpoint.baseUrl, '--log-level', 'trace', ...args],
    { cwd, env: { NANOAGENT_API_KEY: API_KEY, TMPDIR, HOME: cwd } },
  )
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({
      name: join(parentPath, name),
      text: readFileSync(join(parentPath, name), 'latin1'),
    }))
  return { ...ended, requests: endpoint.requests(), files }
}

const full = ['--team', 'password-full']

describe.each([
  { mangles: false, team: [], requested: 5, wrong: 0 },
  { mangles: true, team: [], requested: 7, wrong: 3 },
  { mangles: false, team: full, requested: 9, wrong: 0 },
  { mangles: true, team: full, requested: 12, wrong: 5 },
])(
  'with a model that gets handles wrong first: $mangles, $team',
  { timeout: 60_000 },
  ({ mangles, team, requested, wrong }) => {
    it('shows the passwords once to people, and nowhere else', async () => {
      const { status, stdout, stderr, requests, files } = await runTeam([...team, '--trace'], {
        mangles,
      })

      expect(status).toBe(0)
      const passwords = Array.from(stdout.matchAll(/^\d\. `(.{20})` - /gm), ([, one = '']) => one)
      expect(passwords).toHaveLength(2)
      expect(requests).toHaveLength(requested)
      expect(stderr.split('\n').length).toBeGreaterThan(10)
      for (const password of passwords) {
        expect(occurrences(stdout, password)).toBe(1)
        for (const text of spellings(password)) {
          expect([stderr, ...requests].filter((other) => other.includes(text))).toEqual([])
          expect(files.filter((file) => file.text.includes(text))).toEqual([])
        }
      }
      const told = [stdout, stderr, ...requests, ...files.map(({ text }) => text)]
      expect(told.filter((text) => text.includes(API_KEY))).toEqual([])
      expect(files.filter(({ name }) => name.includes('/cwd/'))).toEqual([])
    })

    it('gives the passwords to programs in one place, and nowhere else', async () => {
      const { status, stdout, stderr, requests, files } = await runTeam(
        [...team, '--json', '--trace'],
        { mangles },
      )
      const report = JSON.parse(stdout)
      const { passwords } = report.context.implementation
      delete report.context.implementation
      const rest = JSON.stringify(report)

      expect(status).toBe(0)
      expect(report.status).toBe('completed')
      expect(passwords).toHaveLength(2)
      for (const text of passwords.flatMap(spellings)) {
        expect([rest, stderr, ...requests].filter((other) => other.includes(text))).toEqual([])
        expect(files.filter((file) => file.text.includes(text))).toEqual([])
      }
      const told = [stdout, stderr, ...requests, ...files.map(({ text }) => text)]
      expect(told.filter((text) => text.includes(API_KEY))).toEqual([])
      // The model did its part through handles, and was told of the wrong ones.
      expect(report.context.testResults).toMatchObject({ recommendations: [ADVICE] })
      expect(requests.filter((body) => WRONG_HANDLE.test(body))).toHaveLength(wrong)
    })
  },
)
