import { Worker } from 'node:worker_threads'
import { addBatches, type BatchReport, NO_SEEDS, simulateBatch } from './batch.ts'
import { type StoreName, storeNamed } from './stores.ts'

/** Seeds that follow each other. */
export interface SeedRange {
  readonly first: number
  readonly seeds: number
  /** Where their records are. Default: in memory. */
  readonly store?: StoreName
}

/** Seeds that a worker gets at once. */
const PORTION = 200

/** Simulates seeds on several threads, up to the first portion in which one breaks an invariant. */
export async function simulateOnWorkers(
  { first, seeds, store = 'memory' }: SeedRange,
  workers: number,
  onProgress: (done: BatchReport) => void,
): Promise<BatchReport> {
  let total = NO_SEEDS
  let next = first
  const take = (): SeedRange | undefined => {
    const left = first + seeds - next
    if (left <= 0 || total.failure !== undefined) return undefined
    const range = { first: next, seeds: Math.min(PORTION, left), store }
    next += range.seeds
    return range
  }
  const add = (batch: BatchReport) => {
    total = addBatches(total, batch)
    onProgress(total)
  }
  if (workers <= 1) {
    for (let range = take(); range !== undefined; range = take()) {
      add(await simulateBatch(range.first, range.seeds, storeNamed(store)))
    }
    return total
  }
  const threads = Math.min(workers, Math.ceil(seeds / PORTION))
  await Promise.all(Array.from({ length: threads }, () => runWorker(take, add)))
  return total
}

/** Feeds one worker until there is nothing left to take. */
async function runWorker(
  take: () => SeedRange | undefined,
  add: (batch: BatchReport) => void,
): Promise<void> {
  const worker = new Worker(
    import.meta.url.endsWith('.ts')
      ? new URL('./worker.ts', import.meta.url)
      : new URL('./worker.js', import.meta.url),
  )
  try {
    for (let range = take(); range !== undefined; range = take()) {
      add(await answer(worker, range))
    }
  } finally {
    await worker.terminate()
  }
}

function answer(worker: Worker, range: SeedRange): Promise<BatchReport> {
  return new Promise((resolve, reject) => {
    const done = (batch: BatchReport) => {
      worker.off('error', reject)
      resolve(batch)
    }
    worker.once('message', done)
    worker.once('error', reject)
    worker.postMessage(range)
  })
}
