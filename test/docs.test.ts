import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { blocksOf, filesOf, root } from './pages.ts'

const run = promisify(execFile)

/** Runs a TypeScript file against the sources and gives what it printed. */
async function runFile(file: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--conditions=nanoagent-source', file], {
    cwd: root,
  })
  return stdout
}

/** Writes the files of a page into a folder of their own, checks that each loads, and runs main.ts. */
async function runPage(page: string): Promise<string> {
  const folder = await mkdtemp(join(root, 'test', 'page-'))
  try {
    const files = await filesOf(page)
    for (const [name, code] of files) await writeFile(join(folder, name), code)
    for (const name of files.keys()) if (name !== 'main.ts') await runFile(join(folder, name))
    return await runFile(join(folder, 'main.ts'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the examples', async () => {
  const names = await readdir(join(root, 'examples'))
  it.each(names.filter((name) => name.endsWith('.ts')))('%s runs', async (name) => {
    expect(await runFile(join(root, 'examples', name))).toContain('completed')
  })

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
