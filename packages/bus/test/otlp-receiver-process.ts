import { subscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import { Server } from 'node:net'
import { join } from 'node:path'

// Its build for `import` does not load in Node.
const require = createRequire(import.meta.url)
const genkit: typeof import('@genkit-ai/telemetry-server') = require('@genkit-ai/telemetry-server')

const [, , folder = ''] = process.argv
const stores = { storeRoot: join(folder, 'traces'), indexRoot: join(folder, 'index') }

subscribe('tracing:net.server.listen:asyncEnd', (event) => {
  const server = typeof event === 'object' && event !== null && 'server' in event && event.server
  if (server instanceof Server) process.send?.(server.address())
})
process.on('disconnect', () => process.exit())

await genkit.startTelemetryServer({
  port: 0,
  traceStore: new genkit.LocalFileTraceStore(stores),
  logStore: new genkit.LocalFileLogStore(stores),
})
