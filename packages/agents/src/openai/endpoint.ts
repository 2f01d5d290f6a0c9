/** Parses the address of an API; undefined for what is not an http or https URL. */
export function parseBaseUrl(baseUrl: string): URL | undefined {
  const url = URL.parse(baseUrl)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}

/** Whether an address carries a user name or a password, which `fetch` refuses. */
export function hasCredentials(baseUrl: string): boolean {
  const url = parseBaseUrl(baseUrl)
  return url !== undefined && (url.username !== '' || url.password !== '')
}

/** An address as people may see it: no credentials, no query, no closing slash, parsable or not. */
export function displayUrl(baseUrl: string): string {
  const url = parseBaseUrl(baseUrl)
  if (url === undefined) return `'${baseUrl.replace(/[?#].*/s, '').replace(/[^/]*@/, '')}'`
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}
