import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { root } from '../pages.ts'
import { packages } from './manifests.ts'
import { succeed } from './run.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The tarball of each package, by its name. */
    tarballs: Record<string, string>
  }
}

/** Builds and packs every package once, for all tests. */
export default async function pack(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'nanoagent-packed-'))
  await succeed('pnpm', ['--recursive', 'pack', '--pack-destination', folder], root)
  const tarballs = packages.map(({ name, short, version }) => [
    name,
    join(folder, `nanoagent-${short}-${version}.tgz`),
  ])
  project.provide('tarballs', Object.fromEntries(tarballs))
  return () => rm(folder, { recursive: true })
}
