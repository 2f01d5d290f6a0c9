import { parentPort } from 'node:worker_threads'
import { simulateBatch } from './batch.ts'
import { storeNamed } from './stores.ts'
import type { SeedRange } from './workers.ts'

// Simulated failures are many, and nobody reads where they were made.
Error.stackTraceLimit = 0

parentPort?.on('message', async ({ first, seeds, store = 'memory' }: SeedRange) => {
  parentPort?.postMessage(await simulateBatch(first, seeds, storeNamed(store)))
})
