import { loadContender } from '../contender.mjs'
import { expectedReport, task } from '../scenario.mjs'

/** The contenders for a run of three hops: each is a file of this folder. */
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
  return Promise.all(NAMES.map(create))
}

/** Creates the bus alone. */
export function createOurs() {
  return create(OURS)
}

function create(name) {
  return loadContender(name, new URL('.', import.meta.url), { task, expectedReport })
}
