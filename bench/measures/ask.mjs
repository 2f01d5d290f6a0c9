import { medianOf, runTable, runTimes } from '../run-times.mjs'
import { digits, ratio } from '../table.mjs'

export const name = 'ask'
export const summary = 'time of an ask and its reply, beside an await and two hops'
export const flags = ['--expose-gc']

/** Microseconds per run of each contender. */
export async function measure({ quick }) {
  const { createAsks } = await import('../asks/index.mjs')
  const { task } = await import('../asks/scenario.mjs')
  return runTimes(await createAsks(), task, { quick })
}

export function report(rows) {
  const us = (name) => medianOf(rows, name)
  const asked = us('ask') - us('one-hop')
  const hops = us('three-hops') - us('one-hop')
  return [
    runTable('One run that asks, and some that do not', rows, [['÷ await', 'await']]),
    `  An ask and its reply take ${digits(asked)} µs, two hops ${digits(hops)} µs: ` +
      `${ratio(asked, hops)} as much.`,
  ].join('\n')
}
