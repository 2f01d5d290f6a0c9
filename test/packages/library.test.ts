import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { filesOf } from '../pages.ts'
import { packages, pinned } from './manifests.ts'
import { run, succeed } from './run.ts'

const libraries = packages.filter(({ entryPoints }) => entryPoints.length > 0)
const entryPoints = libraries.flatMap((library) => library.entryPoints)
const examples = [
  { page: 'README.md', short: 'nanoagent' },
  ...libraries.map(({ short }) => ({ page: `packages/${short}/README.md`, short })),
]

const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: ['node'],
  },
}

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoagent-library-'))
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  const imports = entryPoints.map(({ name }, index) => `import * as e${index} from '${name}'`)
  const uses = `console.log([${entryPoints.map((_, index) => `Object.keys(e${index}).length`)}])`
  await writeFile(join(folder, 'entry-points.ts'), [...imports, uses].join('\n'))
  for (const { page, short } of examples) {
    await mkdir(join(folder, short))
    for (const [name, code] of await filesOf(page)) {
      await writeFile(join(folder, short, name), code)
    }
  }
  const tarballs = libraries.map(({ name }) => inject('tarballs')[name] ?? '')
  const tools = ['typescript', '@types/node', 'vitest', 'zod'].map(pinned)
  await succeed('npm', ['install', '--no-audit', '--no-fund', ...tarballs, ...tools], folder)
})

afterAll(() => rm(folder, { recursive: true }))

describe('a consumer of the libraries', () => {
  it('compiles the examples and every entry point, and the types of the libraries too', async () => {
    const { status, stdout } = await run('npx', ['--no-install', 'tsc'], folder)
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })

  it('gets something from every entry point', async () => {
    const counts = JSON.parse(await succeed('node', ['entry-points.ts'], folder))
    expect(counts).toHaveLength(entryPoints.length)
    expect(Math.min(...counts)).toBeGreaterThan(0)
  })

  it.each(examples)('runs the example of $page', async ({ short }) => {
    expect(await succeed('node', [join(short, 'main.ts')], folder)).toMatch(/^completed .+\n$/)
  })
})
