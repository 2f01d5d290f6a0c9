import { z } from 'zod'

const longestExcerpt = 200

/**
 * The words of a body in one short line: JSON's own field for them where there is one, a page's
 * title, else the text. Empty where the body says nothing.
 */
export function excerpt(body: string, redact: (text: string) => string): string {
  // Redacted before it is cut: half a key is still a leak.
  const line = redact(wordsIn(body))
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return line.length > longestExcerpt ? `${line.slice(0, longestExcerpt).toWellFormed()}…` : line
}

const Text = z.string().min(1)

const Spoken = z.union([
  z.object({ error: z.object({ message: Text }) }).transform(({ error }) => error.message),
  z.object({ error: Text }).transform(({ error }) => error),
  z.object({ message: Text }).transform(({ message }) => message),
  z.object({ detail: Text }).transform(({ detail }) => detail),
  z.unknown().transform((value) => JSON.stringify(value)),
])

function wordsIn(body: string): string {
  try {
    return Spoken.parse(JSON.parse(body))
  } catch {
    const title = /<title[^<>]*>([^<>]+)/i.exec(body)?.[1]
    return title ?? body.replaceAll(/<[^<>]*>/g, ' ')
  }
}
