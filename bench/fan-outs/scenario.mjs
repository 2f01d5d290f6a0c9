import { z } from 'zod'

/** What every contender does: a job is split into a hundred parts, each is checked, and one report joins the results. */

export const BRANCHES = 100

/** The agents: asynchronous, and as quick as can be, so that what carries them shows. */
export const agents = {
  async splitter({ parts }) {
    return Array.from({ length: parts }, (_, at) => ({ number: at + 1, length: 8 + at }))
  },
  async checker({ number, length }) {
    return { number, passed: length % 10 !== 0 }
  },
  async reviewer(results) {
    const failed = results.filter(({ passed }) => !passed).map(({ number }) => number)
    return { checked: results.length, failed }
  },
}

/** The payloads. Every contender but the plain Promise.all parses each of them once. */
export const schemas = {
  job: z.object({ parts: z.int().min(1) }),
  part: z.object({ number: z.int(), length: z.int() }),
  result: z.object({ number: z.int(), passed: z.boolean() }),
  report: z.object({ checked: z.int(), failed: z.array(z.int()) }),
}

/** The task of every run. */
export const task = { parts: BRANCHES }

/** The report that it must end with; its failures say that the results kept their order. */
export const expectedReport = {
  checked: BRANCHES,
  failed: [3, 13, 23, 33, 43, 53, 63, 73, 83, 93],
}
