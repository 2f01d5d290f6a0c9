import { agents } from './scenario.mjs'

export const title = 'Promise.all'

/** The work itself, carried by nothing: an async function for each part, all awaited, nothing parsed. */
export function create() {
  const check = async (part) => {
    const result = await agents.checker(part)
    return result
  }
  return {
    async run(task) {
      const parts = await agents.splitter(task)
      return agents.reviewer(await Promise.all(parts.map(check)))
    },
    async close() {},
  }
}
