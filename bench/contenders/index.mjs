import { deepStrictEqual } from 'node:assert/strict'
import { expectedReport, task } from '../scenario.mjs'

/**
 * The contenders: each is a file of this folder that exports `title` and `create()`, which gives
 * `run(task)`, a promise of the report, and `close()`.
 */
const NAMES = [
  'bus',
  'chain',
  'emitter',
  'xstate',
  'nest-cqrs',
  'moleculer',
  'agentkit',
  'mastra',
  'openai-agents',
  'langgraph',
]

/** The contender whose ratio is 1 in the column "÷ ours". */
export const OURS = 'bus'

/** The contender whose ratio is 1 in the column "÷ bare". */
export const BARE = 'emitter'

/** Creates every contender. */
export function createContenders() {
  return Promise.all(NAMES.map(createContender))
}

/**
 * Creates one contender, and makes sure that it really does the work. Its modules are loaded only
 * now: what they need may have to be installed first.
 */
export async function createContender(name) {
  const { title, create } = await import(`./${name}.mjs`)
  const contender = await create()
  deepStrictEqual(await contender.run(task), expectedReport, `'${name}' gave another report`)
  return { name, title, ...contender }
}
