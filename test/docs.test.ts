import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)

/** Runs a TypeScript file against the sources and gives what it printed. */
async function runFile(file: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--conditions=nanoagent-source', file], {
    cwd: root,
  })
  return stdout
}

interface Block {
  readonly language: string
  readonly code: string
}

/** The fenced blocks of a page, in their order. */
async function blocksOf(page: string): Promise<readonly Block[]> {
  const text = await readFile(join(root, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))
}

/** The TypeScript blocks of a page that say in their first line which file they are. */
async function filesOf(page: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const { language, code } of await blocksOf(page)) {
    const [, name] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? []
    if (language === 'ts' && name !== undefined) files.set(name, code)
  }
  return files
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
  it.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/adding-an-agent.md'])(
    '%s links to files that exist',
    async (page) => {
      const text = await readFile(join(root, page), 'utf8')
      const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
        ([, target = '']) => target,
      )
      for (const target of targets) {
        const folder = join(root, page, '..', target, '..')
        expect(await readdir(folder), `${page} → ${target}`).toContain(basename(target))
      }
    },
  )
})
