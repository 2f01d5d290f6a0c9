import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

// Loads one file of the sources as a page's diff has it, whose path is in MENDED.
const [title = '', ...lines] = readFileSync(process.env.MENDED ?? '', 'utf8')
  .trimEnd()
  .split('\n')
const file = title.replace(/^ \/\/ /, '')
const without = (mark: string) =>
  lines.flatMap((line) => (line.startsWith(mark) ? [] : [line.slice(1)])).join('\n')
const [before, after] = [without('+'), without('-')]

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith(`/${file}`)) return loaded
    const source = String(loaded.source)
    if (!source.includes(before)) throw new Error(`${file} has no such lines:\n${before}`)
    return { ...loaded, source: source.replace(before, () => after) }
  },
})
