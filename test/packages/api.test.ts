import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../pages.ts'
import { reportOn } from './api-report.ts'
import { type Package, packages } from './manifests.ts'
import { succeed } from './run.ts'

const reports = join(root, 'docs/api')

const fence = '```'

/** The page that lists what a package promises: its exports, or what its command takes. */
async function pageOf(from: Package): Promise<string> {
  const sections = from.entryPoints.length === 0 ? [await commandOf(from)] : await exportsOf(from)
  const head = `# The public API of ${from.name}\n\nWritten by \`pnpm run api\` from what is built.\n`
  return [head, ...sections].join('\n')
}

async function exportsOf(from: Package): Promise<readonly string[]> {
  const found = []
  for (const entryPoint of from.entryPoints) {
    found.push({ name: entryPoint.name, ...(await reportOn(from, entryPoint)) })
  }
  const exported = found.map(({ text }) => text).join('\n')
  return found.map(({ name, text, forgotten }) => {
    // What another entry point of the package exports is not out of reach.
    const hidden = forgotten.filter((symbol) => !exportOf(symbol).test(exported))
    const list = hidden.map((symbol) => `\`${symbol}\``).join(', ')
    const remark = hidden.length === 0 ? '' : `Named here and not exported: ${list}.\n\n`
    return `## \`${name}\`\n\n${remark}${fence}ts\n${text}\n${fence}\n`
  })
}

function exportOf(symbol: string): RegExp {
  return new RegExp(`^export (?:abstract )?\\w+ ${symbol}\\b`, 'm')
}

/** The commands whose help is part of the page. */
const commands = ['', 'chat', 'ask', 'check', 'doctor'] as const

async function commandOf({ folder }: Package): Promise<string> {
  const helps: string[] = []
  for (const command of commands) {
    const args = command === '' ? ['--help'] : [command, '--help']
    const help = await succeed('node', [join(folder, 'dist/main.js'), ...args], folder)
    helps.push(`${fence}text\n$ nanoagent ${args.join(' ')}\n${help.trim()}\n${fence}\n`)
  }
  return helps.join('\n')
}

describe('docs/api', () => {
  it.each(packages)('says what $name promises', async (from) => {
    const page = await pageOf(from)
    await expect(
      page,
      `the public API of ${from.name} is not what docs/api/${from.short}.md says: run 'pnpm run api' and look at the difference`,
    ).toMatchFileSnapshot(join(reports, `${from.short}.md`))
  })

  it('has no page of a package that is gone', async () => {
    const names = packages.map(({ short }) => `${short}.md`)
    expect(names).toEqual(expect.arrayContaining(await readdir(reports)))
  })
})
