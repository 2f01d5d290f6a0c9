// Loaded before a file that runs teams: every bus of it is one whose runs are replayed at the end.
import { registerHooks } from 'node:module'

const REAL = new URL('../../packages/bus/src/', import.meta.url).href
const HERE = new URL('./', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const parent = context.parentURL ?? ''
    const isOurs = parent.startsWith(REAL) || parent.startsWith(HERE)
    if (specifier !== '@nanoagent/bus' || isOurs) return next(specifier, context)
    return { url: `${HERE}bus.ts`, shortCircuit: true }
  },
})
