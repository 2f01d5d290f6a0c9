/** Takes one API key out of what people may see. */
interface Redactor {
  /** Replaces the key wherever it occurs, as it is, as in a JSON string and as in a URL. */
  text(text: string): string
  /** Replaces the key where it is a whole segment of a path: a host may rightly be named like it. */
  url(url: string): string
  /** Replaces the key in an answer, which may rightly hold a word such as 'ollama': short ones stay. */
  answer(text: string): string
  /** Splits an answer's text into what may be told, clean, and an end that may be a key's beginning. */
  cut(text: string): readonly [ready: string, held: string]
}

// What people write where no key is wanted is shorter, and every endpoint's keys are longer.
const shortestRealKey = 12

const mark = '[API key]'

/** Makes the redactor of a key. */
export function redactorOf(apiKey: string): Redactor {
  const spellings = [
    ...new Set([
      apiKey,
      JSON.stringify(apiKey).slice(1, -1),
      encodeURIComponent(apiKey.toWellFormed()),
    ]),
  ].filter((spelling) => spelling !== '')

  const replaceIn = (text: string) =>
    spellings.reduce((clean, spelling) => clean.replaceAll(spelling, mark), text)
  const isReal = apiKey.length >= shortestRealKey
  const answer = (text: string) => (isReal ? replaceIn(text) : text)

  return {
    text: replaceIn,
    answer,
    cut(text) {
      const clean = answer(text)
      const held = isReal ? longestBeginning(clean, spellings) : 0
      return [clean.slice(0, clean.length - held), clean.slice(clean.length - held)]
    },
    url: (url) =>
      url
        .split('/')
        .map((part, index) => (index > 2 && spellings.includes(part) ? mark : part))
        .join('/'),
  }
}

/** How long the longest end of a text is with which a longer word may begin. */
function longestBeginning(text: string, words: readonly string[]): number {
  const most = Math.max(...words.map(({ length }) => length - 1))
  for (let length = Math.min(most, text.length); length > 0; length--) {
    const end = text.slice(-length)
    if (words.some((word) => word.length > length && word.startsWith(end))) return length
  }
  return 0
}
