import { loadContender } from '../contender.mjs'
import { expectedReport, task } from './scenario.mjs'

/** The contenders for a fan-out: each is a file of this folder. */
const NAMES = ['bus', 'promise-all', 'mastra-foreach', 'mastra-parallel', 'langgraph-send']

/** The contender whose ratio is 1 in the column "÷ ours". */
export const OURS = 'bus'

/** The contender whose ratio is 1 in the column "÷ Promise.all". */
export const PLAIN = 'promise-all'

/** Creates every contender. */
export function createFanOuts() {
  const folder = new URL('.', import.meta.url)
  return Promise.all(NAMES.map((name) => loadContender(name, folder, { task, expectedReport })))
}
