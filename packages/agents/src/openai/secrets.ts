/** Takes one API key out of what people may see. */
interface Redactor {
  /** Replaces the key wherever it occurs, as it is, as in a JSON string and as in a URL. */
  text(text: string): string
  /** Replaces the key where it is a whole segment of a path: a host may rightly be named like it. */
  url(url: string): string
}

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

  return {
    text: (text) => spellings.reduce((clean, spelling) => clean.replaceAll(spelling, mark), text),
    url: (url) =>
      url
        .split('/')
        .map((part, index) => (index > 2 && spellings.includes(part) ? mark : part))
        .join('/'),
  }
}
