/** Where OpenAI's own API begins. */
export const OPENAI_BASE_URL = 'https://api.openai.com/v1'

/** Parses the address of an API; undefined for what is not an http or https URL. */
function parseBaseUrl(baseUrl: string): URL | undefined {
  const url = URL.parse(baseUrl)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}

/** What keeps a text from being the address of an API, and how to mend it; undefined if nothing does. */
export function baseUrlProblem(baseUrl: string): string | undefined {
  const url = parseBaseUrl(baseUrl)
  if (url === undefined) {
    return isUrlButForPort(baseUrl)
      ? 'has a port that is none: write one from 1 to 65535, or leave it out'
      : 'is no http or https URL: write where the API begins, such as https://api.openai.com/v1'
  }
  // `fetch` refuses them.
  if (url.username !== '' || url.password !== '') {
    return 'has a user name or password in it: leave them out and set the API key instead'
  }
  // The path of a request would be added to it. An empty one is in no field of the URL.
  if (url.href.includes('#')) return "has a fragment: leave out the '#' and what follows it"
  return undefined
}

/** An address as people may see it: no credentials, no query, no closing slash, parsable or not. */
export function displayUrl(baseUrl: string): string {
  const url = parseBaseUrl(baseUrl)
  if (url !== undefined) return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  // A password may hold what would end it: only behind the last '@' is nothing of it.
  const bare = baseUrl.replace(/^(\w+:\/\/)?.*@/s, '$1').replace(/[?#].*/s, '')
  return `'${bare}'`
}

function isUrlButForPort(baseUrl: string): boolean {
  const without = baseUrl.trim().replace(/^(https?:\/\/[^/?#]+):[^/?#:\]]+/i, '$1')
  return without !== baseUrl.trim() && parseBaseUrl(without) !== undefined
}
