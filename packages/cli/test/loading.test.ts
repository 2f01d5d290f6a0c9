import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OutputChunk, rolldown } from 'rolldown'
import { describe, expect, it } from 'vitest'
import config from '../rolldown.config.ts'
import { runCli, temporaryFolder } from './spawn-cli.ts'

const preload = fileURLToPath(new URL('list-modules.ts', import.meta.url))

/** The packages, our own among them, of modules that a command loads. */
async function packagesLoadedBy(args: readonly string[]): Promise<string[]> {
  using folder = temporaryFolder()
  const file = join(folder.path, 'modules')
  const { status } = await runCli(args, {
    env: { MODULES_FILE: file },
    nodeOptions: ['--import', preload],
  })
  expect(status).toBe(0)
  return packagesOf(readFileSync(file, 'utf8').split('\n'))
}

function packagesOf(modules: readonly string[]): string[] {
  const names = modules.flatMap((id) => {
    const name = /.*\/(?:node_modules\/((?:@[^/]+\/)?[^/]+)|packages\/([^/]+)\/src)\//.exec(id)
    return name?.[1] ?? name?.[2] ?? []
  })
  return [...new Set(names)].sort()
}

describe.concurrent('loads what it needs and no more', { timeout: 30_000 }, () => {
  it('for --help', async () => {
    expect(await packagesLoadedBy(['--help'])).toEqual(['cli', 'commander'])
  })

  it('for an offline run: no client, no logger, and no list of words unpacked', async () => {
    expect(await packagesLoadedBy(['--mock'])).toEqual([
      '@zxcvbn-ts/core',
      '@zxcvbn-ts/language-common',
      '@zxcvbn-ts/language-en',
      'agents',
      'bus',
      'cli',
      'commander',
      'eventemitter3',
      'fastest-levenshtein',
      'nanoid',
      'orchestrator',
      'zod',
    ])
  })
})

describe('the packed command', { timeout: 30_000 }, () => {
  const packing = rolldown(config).then((build) => build.generate())
  const chunks = async (): Promise<OutputChunk[]> =>
    (await packing).output.filter((file) => file.type === 'chunk')

  it('imports only packages that it depends on', async () => {
    const names = new Set((await chunks()).map(({ fileName }) => fileName))
    const imported = (await chunks())
      .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
      .filter((name) => !names.has(name))
    const { dependencies } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    )
    expect(imported.length).toBeGreaterThan(0)
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(imported))
  })

  it('leaves out the locales of zod and the unpacked lists of words', async () => {
    const modules = (await chunks()).flatMap(({ moduleIds }) => moduleIds)
    expect(packagesOf(modules)).toContain('zod')
    expect(packagesOf(modules)).not.toContain('@zxcvbn-ts/dictionary-compression')
    expect(modules.filter((id) => id.includes('/zod/v4/locales/'))).toEqual([
      expect.stringContaining('/en.js'),
    ])
  })

  it('comes with the licences of what is in it', async () => {
    const licences = (await packing).output.find(({ type }) => type === 'asset')
    for (const name of ['commander', 'eventemitter3', 'nanoid', 'zod']) {
      expect(licences).toMatchObject({ source: expect.stringContaining(`${name}\n\n`) })
    }
  })
})
