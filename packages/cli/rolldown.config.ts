import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type Plugin } from 'rolldown'

/** Gets Node's own modules without an import, which would read every export and so load half of Node. */
const builtins: Plugin = {
  name: 'builtins',
  resolveId: (id) => (id.startsWith('node:') ? `\0${id}` : null),
  load(id) {
    if (!id.startsWith('\0node:')) return null
    const name = id.slice(1)
    const exported = Object.keys(process.getBuiltinModule(name) ?? {})
      .filter((key) => /^\w+$/.test(key))
      .map((key) => `export const ${key} = /* @__PURE__ */ (() => all.${key})()`)
    const all = `const all = process.getBuiltinModule('${name}')`
    return { code: [all, 'export default all', ...exported].join('\n'), moduleSideEffects: false }
  },
}

/** Writes the licences of what is packed in beside it, as they ask. */
const licences: Plugin = {
  name: 'licences',
  generateBundle(_options, bundle) {
    const folders = Object.values(bundle)
      .flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
      .flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? [])
    const texts = [...new Set(folders)].sort().map((folder) => {
      const name = folder.replace(/^.*\/node_modules\//, '')
      const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
      if (file === undefined) throw new Error(`${name} has no licence to go with the bundle`)
      return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
    })
    const source = texts.join(`\n${'-'.repeat(80)}\n\n`)
    this.emitFile({ type: 'asset', fileName: 'third-party-licences.txt', source })
  },
}

/**
 * Packs the command into few files: to find and load hundreds takes longer than a whole run. What only
 * some commands need stays in files of its own, and in its package where that is large.
 */
export default defineConfig({
  cwd: import.meta.dirname,
  input: { main: 'src/main.ts', 'check-worker': 'src/checking/worker.ts' },
  platform: 'node',
  external: [/^openai/],
  plugins: [builtins, licences],
  resolve: { conditionNames: ['nanoagent-source', 'import', 'node', 'default'] },
  output: { dir: 'dist', chunkFileNames: '[name].js', cleanDir: true },
})
