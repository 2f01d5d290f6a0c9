import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the workspace is. */
export const root = join(import.meta.dirname, '..')

/** A fenced block of a page. */
export interface Block {
  readonly language: string
  readonly code: string
}

/** The fenced blocks of a page, in their order. */
export async function blocksOf(page: string): Promise<readonly Block[]> {
  const text = await readFile(join(root, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))
}

/** The TypeScript blocks of a page that say in their first line which file they are. */
export async function filesOf(page: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const { language, code } of await blocksOf(page)) {
    const [, name] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? []
    if (language === 'ts' && name !== undefined) files.set(name, code)
  }
  return files
}
