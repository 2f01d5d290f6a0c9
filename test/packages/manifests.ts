import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from '../pages.ts'

const Target = z.object({ types: z.string(), default: z.string() })
const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  publishConfig: z.object({
    exports: z.record(z.string(), z.union([Target, z.literal('./package.json')])),
  }),
})

/** What a consumer can import from a package. */
export interface EntryPoint {
  /** As it is imported. */
  readonly name: string
  /** The declarations, from the package's folder. */
  readonly types: string
}

/** A package of the workspace. */
export interface Package {
  readonly name: string
  readonly version: string
  /** Its folder's name. */
  readonly short: string
  readonly folder: string
  readonly entryPoints: readonly EntryPoint[]
}

function readPackage(short: string): Package {
  const folder = join(root, 'packages', short)
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  const { name, version, publishConfig } = Manifest.parse(JSON.parse(text))
  const entryPoints = Object.entries(publishConfig.exports).flatMap(([subpath, target]) =>
    typeof target === 'string' ? [] : [{ name: name + subpath.slice(1), types: target.types }],
  )
  return { name, version, short, folder, entryPoints }
}

/** The packages of the workspace, by name. */
export const packages: readonly Package[] = readdirSync(join(root, 'packages')).map(readPackage)

const Versions = z.object({ devDependencies: z.record(z.string(), z.string()) })
const { devDependencies } = Versions.parse(
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
)

/** A tool as npm installs it: in the version that the workspace has. */
export function pinned(tool: string): string {
  return `${tool}@${devDependencies[tool]}`
}
