import { agents, schemas } from './scenario.mjs'

export const title = 'Promise.all'

/** An async function for each part, and all of them awaited: the work itself, carried by nothing. */
export function create() {
  const check = async (part) => schemas.result.parse(await agents.checker(schemas.part.parse(part)))
  return {
    async run(task) {
      const parts = await agents.splitter(schemas.job.parse(task))
      const results = await Promise.all(parts.map(check))
      return schemas.report.parse(await agents.reviewer(results))
    },
    async close() {},
  }
}
