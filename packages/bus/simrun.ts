import { simulateBatch, summarize } from './src/testing/simulation/batch.ts'
import { explain } from './src/testing/simulation/explain.ts'
import { shrink } from './src/testing/simulation/shrink.ts'
const [first, count] = process.argv.slice(2).map(Number)
const t = performance.now()
const report = await simulateBatch(first ?? 1, count ?? 1000)
console.log(summarize(report), ((performance.now() - t) / report.seeds).toFixed(2), 'ms/seed')
if (report.failure) { console.log(report.failure.broken); console.log(explain(await shrink(report.failure)).slice(-6000)) }
