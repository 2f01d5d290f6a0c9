import { createContender } from '../contender.mjs'
import { createRuns } from './bus.mjs'
import { expectedReport, schemas, square, task } from './scenario.mjs'

/** Runs on the bus differ by what they do between their first message and the last. */
const CONTENDERS = {
  await: { title: 'await of an async function', create: createPlain },
  'one-hop': { title: 'a run of one hop', create: () => createRuns('knower') },
  ask: { title: 'the same with an ask and its reply', create: () => createRuns('asker') },
  'three-hops': { title: 'the same with two more hops', create: () => createRuns('sender') },
}

/** Creates every contender. */
export function createAsks() {
  return Promise.all(
    Object.entries(CONTENDERS).map(([name, contender]) =>
      createContender(name, contender, { task, expectedReport }),
    ),
  )
}

function createPlain() {
  return {
    run: async (task) => schemas.answer.parse(await square(schemas.question.parse(task))),
    async close() {},
  }
}
