import { z } from 'zod'

const Part = z.object({ text: z.string() }).transform(({ text }) => text)

// A part may be a thought, which is no text of the answer.
const Parts = z.array(z.union([Part, z.unknown().transform(() => '')]))

/** The content of a message or a piece of one: text, or a list of parts. */
export const contentText = z
  .union([z.string(), Parts.transform((parts) => parts.join(''))])
  .nullish()
