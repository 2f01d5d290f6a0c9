import v8 from 'node:v8'
import { BARE, createContenders, OURS } from '../contenders/index.mjs'
import { batchFor, interleave, spread } from '../rounds.mjs'
import { task } from '../scenario.mjs'
import { digits, ratio, table } from '../table.mjs'

export const name = 'allocation'
export const summary = 'bytes that a run allocates'
export const flags = ['--expose-gc']

/** Bytes per run of each contender. */
export async function measure({ quick }) {
  // Optimised code allocates less: every contender gets the time to become it.
  const times = { sampleMs: 20, warmUpMs: quick ? 500 : 2_000 }
  const contenders = await createContenders()
  for (const contender of contenders) {
    contender.batch = await batchFor(() => contender.run(task), times)
  }
  const rounds = quick ? { warmUpRounds: 1, rounds: 8 } : { warmUpRounds: 5, rounds: 30 }
  const samples = await interleave(contenders, rounds, async ({ run, batch }) => {
    globalThis.gc({ type: 'minor' })
    return (await allocated(run, batch)) / batch
  })
  for (const { close } of contenders) await close()
  return contenders.map(({ name, title }, at) => ({ name, title, bytes: spread(samples[at]) }))
}

/**
 * V8 counts the bytes in use, not those ever allocated. What is in use at the end, less what was at
 * the beginning, plus what each collection in between freed, is what was allocated: V8's profiler of
 * collections gives the bytes in use before and after each.
 */
async function allocated(run, batch) {
  const profiler = new v8.GCProfiler()
  profiler.start()
  const before = v8.getHeapStatistics().used_heap_size
  for (let i = 0; i < batch; i++) await run(task)
  const after = v8.getHeapStatistics().used_heap_size
  let freed = 0
  for (const { beforeGC, afterGC } of profiler.stop().statistics) {
    freed += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize
  }
  return after - before + freed
}

export function report(rows) {
  const medianOf = (wanted) => rows.find(({ name }) => name === wanted).bytes.median
  return table(
    `Allocation of one run of three hops, bytes (median of ${rows[0].bytes.samples} rounds)`,
    ['', 'bytes per run', 'half of the rounds', '÷ ours', '÷ bare'],
    rows.map(({ title, bytes }) => [
      title,
      digits(bytes.median),
      `${digits(bytes.from)} – ${digits(bytes.to)}`,
      ratio(bytes.median, medianOf(OURS)),
      ratio(bytes.median, medianOf(BARE)),
    ]),
  )
}
