import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { root } from '../pages.ts'
import { run } from './run.ts'

/** A Node on the PATH that is too old for the packages. */
export async function oldNode(): Promise<string | undefined> {
  for (const folder of new Set(process.env.PATH?.split(delimiter))) {
    const node = join(folder, 'node')
    if (
      !(await access(node).then(
        () => true,
        () => false,
      ))
    )
      continue
    const { stdout } = await run(node, ['--version'], root)
    if (Number.parseInt(stdout.slice(1), 10) < 24) return node
  }
  return undefined
}
