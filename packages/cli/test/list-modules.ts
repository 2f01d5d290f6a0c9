import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

// Preloaded: at the end of the process it lists the modules that were loaded in the file MODULES_FILE.
const urls: string[] = []
registerHooks({
  load(url, context, nextLoad) {
    urls.push(url)
    return nextLoad(url, context)
  },
})
process.on('exit', () => writeFileSync(process.env.MODULES_FILE ?? '', urls.join('\n')))
