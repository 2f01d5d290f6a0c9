import { BARE, createContenders, OURS } from '../contenders/index.mjs'
import { costGoals, goalTable } from '../goals.mjs'
import { runTable, runTimes } from '../run-times.mjs'
import { task } from '../scenario.mjs'

export const name = 'three-hops'
export const summary = 'time of a run of three hops, one run after the other'
export const flags = ['--expose-gc']

/** Microseconds per run of each contender. */
export async function measure({ quick }) {
  return runTimes(await createContenders(), task, { quick })
}

export function report(rows) {
  const measured = runTable('One run of three hops', rows, [
    ['÷ ours', OURS],
    ['÷ bare', BARE],
  ])
  return `${measured}\n\n${goalTable(costGoals(rows, ({ us }) => us.median))}`
}
