import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** The program that may be killed, in few files: it is started some hundred times. */
export interface Packed extends Disposable {
  readonly program: string
  /** What makes it start faster from the second time on. */
  readonly env: Readonly<Record<string, string>>
  /** Where journals may be made; gone with the rest. */
  readonly folder: string
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Packs the program, with a folder for its journals on a real disk. */
export async function packProgram(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), 'nanoagent-crash-'))
  const bundle = await rolldown({
    input: here('./doomed-process.ts'),
    platform: 'node',
    resolve: { conditionNames: ['nanoagent-source', 'import', 'node', 'default'] },
  })
  const names = { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' }
  await bundle.write({ dir: join(folder, 'program'), ...names })
  await bundle.close()
  // The lists of words are read from their packages.
  symlinkSync(here('../../../agents/node_modules'), join(folder, 'program/node_modules'))
  return {
    program: join(folder, 'program/doomed-process.mjs'),
    env: { NODE_COMPILE_CACHE: join(folder, 'cache') },
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}
