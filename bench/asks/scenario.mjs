import { z } from 'zod'

/** What every contender does: a square is wanted, and whoever is told to see to it gets the answer from another. */

/** The agent that knows: asynchronous, and as quick as can be, so that what carries the question shows. */
export async function square({ root }) {
  return { root, square: root * root }
}

/** The payloads. Every contender parses each of them once. */
export const schemas = {
  question: z.object({ root: z.int() }),
  answer: z.object({ root: z.int(), square: z.int() }),
}

/** The task of every run. */
export const task = { root: 12 }

/** The report that it must end with. */
export const expectedReport = { root: 12, square: 144 }
