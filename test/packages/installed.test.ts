import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { root } from '../pages.ts'
import { packages } from './manifests.ts'
import { oldNode } from './old-node.ts'
import { type Ended, run, succeed } from './run.ts'

const mostPackages = 25

const Lockfile = z.object({
  packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })),
})

let folder: string
let installed: z.infer<typeof Lockfile>['packages']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoagent-installed-'))
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  const tarballs = Object.values(inject('tarballs'))
  await succeed('npm', ['install', '--no-audit', '--no-fund', ...tarballs], folder)
  const lockfile = await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8')
  installed = Lockfile.parse(JSON.parse(lockfile)).packages
})

afterAll(() => rm(folder, { recursive: true }))

/** The names of what was installed, once for each copy. */
function names(): string[] {
  return Object.keys(installed).map((path) => path.replace(/^.*node_modules\//, ''))
}

describe('what is installed for the command', () => {
  it(`is at most ${mostPackages} packages`, () => {
    expect(names().length, names().join(', ')).toBeLessThanOrEqual(mostPackages)
  })

  it('runs no script when it is installed', () => {
    const scripted = Object.entries(installed).filter(
      ([, { hasInstallScript }]) => hasInstallScript,
    )
    expect(scripted.map(([path]) => path)).toEqual([])
  })

  it('is listed in docs/architecture.md, with what it is for', async () => {
    const page = await readFile(join(root, 'docs/architecture.md'), 'utf8')
    const [, section = ''] = /^## Dependencies\n([\s\S]*?)^## /m.exec(page) ?? []
    const listed = [...section.matchAll(/`([^` ]+)`/g)].map(([, name]) => name)

    expect([...new Set(listed)].sort()).toEqual([...new Set(names())].sort())
  })
})

describe('the installed command', () => {
  const nanoagent = (...args: string[]): Promise<Ended> =>
    run('npx', ['--no-install', 'nanoagent', ...args], folder)

  it('makes a password', async () => {
    const { status, stdout, stderr } = await nanoagent(
      '--mock',
      '--quiet',
      '--journal',
      'memory',
      'A 20-character password',
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^\S{20}\n$/)
  })

  it('records its runs in a file', async () => {
    const journal = ['--journal', 'recorded.db']
    await nanoagent('--mock', '--quiet', ...journal, 'A PIN of 6 digits')
    const { status, stdout } = await nanoagent('runs', '--json', ...journal)
    expect({ status, runs: stdout }).toEqual({
      status: 0,
      runs: expect.stringContaining('A PIN of 6 digits'),
    })
  })

  it('writes logs when it is asked to', async () => {
    const { status, stderr } = await nanoagent('--mock', '--quiet', '--log-level', 'info')
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('run ended') })
  })

  it('says its version', async () => {
    const version = packages.find(({ short }) => short === 'cli')?.version
    expect(await nanoagent('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('says how it is used', async () => {
    const { status, stdout } = await nanoagent('--help')
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('--mock') })
  })

  it('exits with 2 where it is used wrongly', async () => {
    const { status, stderr } = await nanoagent('--no-such-option')
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^[^\n]+\n$/) })
  })

  it('asks an old Node in one line for a newer one', async (context) => {
    const old = await oldNode()
    if (old === undefined) return context.skip('no Node older than 24 is on the PATH')
    const bin = join(folder, 'node_modules/.bin/nanoagent')
    const { status, stdout, stderr } = await run(old, [bin, '--version'], folder)

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^nanoagent: needs Node\.js 24 or newer, this is \d[^\n]*\n$/)
  })
})
