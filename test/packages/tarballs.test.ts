import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { root } from '../pages.ts'
import { packages } from './manifests.ts'
import { run, succeed } from './run.ts'

const bin = join(root, 'node_modules', '.bin')

describe.each(packages)('the tarball of $name', ({ name, short }) => {
  const tarball = inject('tarballs')[name] ?? ''

  it('has what is built, a manifest, a licence and a page of its own, and nothing else', async () => {
    const files = (await succeed('tar', ['tzf', tarball], root)).trim().split('\n')
    const built = /^package\/dist\/[^.].*\.(?:js|d\.ts)$/
    const others = files.filter((file) => !built.test(file))

    const bundled = short === 'cli' ? ['package/dist/third-party-licences.txt'] : []
    expect(others.sort()).toEqual(
      ['package/LICENSE', 'package/README.md', 'package/package.json', ...bundled].sort(),
    )
    expect(files.filter((file) => file.includes('.test.'))).toEqual([])
    expect(files.length).toBeGreaterThan(others.length)
  })

  it('says what a registry wants to know', async () => {
    const text = await succeed('tar', ['xzOf', tarball, 'package/package.json'], root)
    const manifest = JSON.parse(text)

    expect(manifest).toMatchObject({
      type: 'module',
      license: 'MIT',
      engines: { node: '>=24' },
      repository: { directory: `packages/${short}` },
      publishConfig: { access: 'public', provenance: true },
      sideEffects: expect.anything(),
      description: expect.stringMatching(/\w.*\.$/),
      keywords: expect.arrayContaining(['agents']),
    })
    expect(text).not.toContain('workspace:')
    expect(text).not.toContain('nanoagent-source')
  })

  it.each([
    { tool: 'publint', args: ['run', tarball, '--strict'] },
    { tool: 'attw', args: [tarball, '--profile', 'esm-only', '--format', 'ascii'] },
  ])('passes $tool', async ({ tool, args }) => {
    const { status, stdout, stderr } = await run(join(bin, tool), args, root)
    expect(status, stdout + stderr).toBe(0)
  })
})
