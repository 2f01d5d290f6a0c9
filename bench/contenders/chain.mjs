import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = 'async functions'

/** The agents called one after the other: the work itself, carried by nothing. */
export function create() {
  return {
    async run(task) {
      const plan = schemas.plan.parse(await agents.planner(schemas.task.parse(task)))
      const implementation = schemas.implementation.parse(await agents.implementer(plan))
      return schemas.report.parse(await agents.tester(implementation))
    },
    async close() {},
  }
}
