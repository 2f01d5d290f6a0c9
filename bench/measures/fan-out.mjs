import { createFanOuts, OURS, PLAIN } from '../fan-outs/index.mjs'
import { goalTable } from '../goals.mjs'
import { medianOf, runTable, runTimes } from '../run-times.mjs'

export const name = 'fan-out'
export const summary = 'time of a fan-out over 100 branches and their join'
export const flags = ['--expose-gc']

/** How many times as much as ours a run of a peer should cost, at least. */
const PEERS = { 'langgraph-send': 200, 'mastra-foreach': 10, 'mastra-parallel': 10 }

/** How many times as much as Promise.all a run of ours may cost. */
const OVER_PLAIN = 12

/** Long enough for the heap to become as large as a thousand runs in a journal want it. */
const WARM_UP_MS = 6_000

/** Microseconds per run of each contender. */
export async function measure({ quick }) {
  const { task } = await import('../fan-outs/scenario.mjs')
  return runTimes(await createFanOuts(), task, { quick, warmUpMs: WARM_UP_MS })
}

export function report(rows) {
  const measured = runTable('One fan-out over 100 branches and their join', rows, [
    ['÷ ours', OURS],
    ['÷ Promise.all', PLAIN],
  ])
  const ours = medianOf(rows, OURS)
  const goals = [
    ...Object.entries(PEERS).map(([name, atLeast]) => ({
      what: `${rows.find((row) => row.name === name).title} ÷ ours`,
      measured: medianOf(rows, name) / ours,
      atLeast,
    })),
    {
      what: 'ours ÷ Promise.all',
      measured: ours / medianOf(rows, PLAIN),
      atMost: OVER_PLAIN,
    },
  ]
  return `${measured}\n\n${goalTable(goals)}`
}
