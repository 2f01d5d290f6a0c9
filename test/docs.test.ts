import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { blocksOf, filesOf, root } from './pages.ts'

const run = promisify(execFile)

/** Runs a TypeScript file against the sources. Each of its runs is replayed at its end, and must be alike. */
async function runFile(
  file: string,
): Promise<{ readonly printed: string; readonly replayed: number }> {
  const options = ['--conditions=nanoagent-source', '--import', replaying, file]
  const { stdout, stderr } = await run(process.execPath, options, { cwd: root })
  expect(stderr).toMatch(/^(?:replayed \d+ deliveries alike\n)?$/)
  return { printed: stdout, replayed: Number(/\d+/.exec(stderr)?.[0] ?? 0) }
}

const replaying = new URL('replayed/hook.ts', import.meta.url).href

/**
 * What a command of a page prints, whatever its exit status. The journal is in the folder. With a file that
 * has a diff, the sources are as that has them.
 */
async function runCommand(line: string, cwd: string, mended?: string): Promise<string> {
  const [, command = ''] = /^\$ nanoagent (.+)$/.exec(line) ?? []
  const args = [...command.matchAll(/"([^"]+)"|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  )
  const main = join(root, 'packages/cli/src/main.ts')
  const options = ['--conditions=nanoagent-source', ...(mended ? ['--import', mending] : [])]
  const env = { NANOAGENT_PASSPHRASE: 'only for this test', ...(mended ? { MENDED: mended } : {}) }
  const ran = run(process.execPath, [...options, main, ...args], { cwd, env })
  const { stdout, stderr } = await ran.catch((error: unknown) => Ended.parse(error))
  return stdout + stderr
}

const mending = new URL('mended/hook.ts', import.meta.url).href

const Ended = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })

/** Writes the files of a page into a folder of their own for as long as they are used. */
async function withPage<T>(
  page: string,
  use: (folder: string, files: ReadonlyMap<string, string>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(root, 'test', 'page-'))
  try {
    const files = await filesOf(page)
    for (const [name, code] of files) await writeFile(join(folder, name), code)
    return await use(folder, files)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Checks that each file of a page loads, and runs main.ts. */
function runPage(page: string): Promise<string> {
  return withPage(page, async (folder, files) => {
    for (const name of files.keys()) if (name !== 'main.ts') await runFile(join(folder, name))
    return (await runFile(join(folder, 'main.ts'))).printed
  })
}

/** What came of the test files of a page: how many tests passed in each, by the runner that it imports. */
function testPage(page: string): Promise<Readonly<Record<string, number>>> {
  return withPage(page, async (folder, files) => {
    const passed: Record<string, number> = {}
    const names = [...files.keys()].filter((name) => name.endsWith('.test.ts'))
    const ofNode = names.filter((name) => files.get(name)?.includes("from 'node:test'"))
    for (const name of ofNode) {
      const { printed } = await runFile(join(folder, name))
      passed[name] = Number(/^(?:#|ℹ) pass (\d+)$/m.exec(printed)?.[1])
    }
    const ofVitest = names
      .filter((name) => !ofNode.includes(name))
      .map((name) => join(folder, name))
    const report = join(folder, 'report.json')
    const options = [
      '--no-isolate',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]
    await run(process.execPath, [vitest, 'run', '--root', root, ...options, ...ofVitest])
    const { testResults } = Report.parse(JSON.parse(await readFile(report, 'utf8')))
    for (const { name, assertionResults } of testResults) {
      passed[basename(name)] = assertionResults.filter(({ status }) => status === 'passed').length
    }
    return passed
  })
}

const vitest = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')))

/** What vitest's JSON reporter says of each file. */
const Report = z.object({
  testResults: z.array(
    z.object({ name: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
})

describe('the examples', async () => {
  const names = await readdir(join(root, 'examples'))
  it.each(names.filter((name) => name.endsWith('.ts')))(
    '%s runs, and is replayed alike',
    async (name) => {
      const { printed, replayed } = await runFile(join(root, 'examples', name))

      expect(printed).toContain('completed')
      expect(replayed).toBeGreaterThan(0)
    },
  )

  it('are the ones that the README lists', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8')
    const listed = [...readme.matchAll(/\(examples\/([^)]+)\)/g)].map(([, name]) => name)
    expect(listed).toEqual(names.filter((name) => name.endsWith('.ts')).sort())
  })
})

describe('README.md', () => {
  it('shows a library example that runs', async () => {
    expect(await runPage('README.md')).toMatch(/^completed PASS \S+\n$/)
  })
})

describe('docs/adding-an-agent.md', () => {
  it('makes a team that prints what the page says', async () => {
    const printed = (await blocksOf('docs/adding-an-agent.md')).find(
      ({ language }) => language === 'text',
    )
    expect(await runPage('docs/adding-an-agent.md')).toBe(printed?.code)
  })

  it('adds the agent in under thirty lines', async () => {
    const [agent = ''] = (await filesOf('docs/adding-an-agent.md')).values()
    expect(agent.trim().split('\n').length).toBeLessThan(30)
  })
})

describe('docs/patterns.md', async () => {
  const files = [...(await filesOf('docs/patterns.md'))]
  const printed = (await blocksOf('docs/patterns.md')).filter(({ language }) => language === 'text')

  it('shows handoff, retry, fan-out and join, ask, listener, and memory', () => {
    const names = files.map(([name]) => name)
    const agents = ['handoff.ts', 'retry.ts', 'fan-out.ts', 'ask.ts', 'listener.ts']
    expect(names).toEqual([...agents, 'memory.ts'])
    expect(printed).toHaveLength(names.length)
  })

  it.each(files.map(([name], index) => [name, index] as const))(
    '%s prints what the page says, and is replayed alike',
    async (name, index) => {
      const ran = await withPage('docs/patterns.md', (folder) => runFile(join(folder, name)))
      expect(ran.printed).toBe(printed[index]?.code)
      expect(ran.replayed).toBeGreaterThan(1)
    },
  )

  it.each(files)('%s has fewer than forty lines', (_name, code) => {
    expect(code.trim().split('\n').length).toBeLessThan(40)
  })
})

describe.each([
  { page: 'docs/reading.md', example: '05-read-a-journal.ts' },
  { page: 'docs/replaying.md', example: '07-replay-an-agent.ts' },
])('$page', ({ page, example }) => {
  it('prints what the page says', async () => {
    const printed = (await blocksOf(page)).find(({ language }) => language === 'text')
    expect(await runPage(page)).toBe(printed?.code)
  })

  it('shows the example as it is', async () => {
    const [, ...shown] = (await filesOf(page)).get('main.ts')?.split('\n') ?? []
    const code = await readFile(join(root, 'examples', example), 'utf8')
    expect(shown).toEqual(code.split('\n').slice(1))
  })
})

describe('docs/debugging.md', () => {
  it('shows five commands that lead from a failure to its test', { timeout: 120_000 }, async () => {
    const blocks = await blocksOf('docs/debugging.md')
    await withPage('docs/debugging.md', async (folder) => {
      let mended: string | undefined
      let check = ''
      for (const { language, code } of blocks) {
        if (language === 'diff') {
          mended = join(folder, 'mended.diff')
          await writeFile(mended, code)
        }
        if (language !== 'console') continue
        const [command = '', ...lines] = code.trimEnd().split('\n')
        const printed = await runCommand(command, folder, mended)
        for (const line of lines) expect(printed).toContain(line)
        check = command
      }
      expect(await runCommand(check, folder, mended)).toContain('identical: 1 run')
      expect(await runCommand(check, folder)).toContain('the data of plan.ready differs')
    })
    const commands = blocks.filter(({ language }) => language === 'console')
    // The first shows the failure, the last the test that passes from now on.
    expect(commands).toHaveLength(1 + 5 + 1)
  })
})

describe('docs/testing.md', () => {
  it('has tests that pass', { timeout: 120_000 }, async () => {
    expect(await testPage('docs/testing.md')).toEqual({
      'summariser.test.ts': 1,
      'past.test.ts': 1,
      'fan-out.test.ts': 2,
      'ask.test.ts': 3,
      'memory.test.ts': 1,
      'team.test.ts': 1,
      'full-team.test.ts': 1,
      'script.test.ts': 4,
      'time.test.ts': 4,
      'determinism.test.ts': 3,
      'recorded.test.ts': 3,
      'with-node.test.ts': 1,
    })
  })

  it('tests an agent in ten lines, imports included', async () => {
    const lines = (await filesOf('docs/testing.md')).get('summariser.test.ts')?.trim().split('\n')
    expect(lines?.slice(1).length).toBeLessThanOrEqual(10)
  })
})

describe('links', () => {
  const ofPackages = ['agents', 'bus', 'cli', 'orchestrator'].map(
    (name) => `packages/${name}/README.md`,
  )
  it.each([
    'README.md',
    'CONTRIBUTING.md',
    'docs/architecture.md',
    'docs/adding-an-agent.md',
    ...ofPackages,
    'docs/debugging.md',
    'docs/reading.md',
    'docs/replaying.md',
    'docs/testing.md',
  ])('%s links to files that exist', async (page) => {
    const text = await readFile(join(root, page), 'utf8')
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      ([, target = '']) => target,
    )
    for (const target of targets) {
      const folder = join(root, page, '..', target, '..')
      expect(await readdir(folder), `${page} → ${target}`).toContain(basename(target))
    }
  })
})
