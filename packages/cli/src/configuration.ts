import { UsageError } from './errors.ts'

/** The options that say which model answers. */
export interface ModelFlags {
  readonly mock?: true
  readonly model?: string
  readonly baseUrl?: string
}

/** Environment variables, `.env` included. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Which model answers. */
export type Configuration =
  | {
      readonly mode: 'mock'
      /** Whether nobody asked for it: nothing was typed, and there is no key. */
      readonly isImplied: boolean
    }
  | {
      readonly mode: 'live'
      readonly model: string
      readonly apiKey: string
      /** Absent for OpenAI's own. */
      readonly baseUrl?: string
    }

const DEFAULT_MODEL = 'gpt-4.1-mini'

/**
 * Settles which model answers. A variable that is empty counts as not set. Throws a `UsageError`
 * that names what to set or to mend, and quotes no value: it may be a key in the wrong place.
 */
export function configure(
  flags: ModelFlags,
  env: Environment,
  { isBare = false }: { readonly isBare?: boolean } = {},
): Configuration {
  if (flags.mock === true) return { mode: 'mock', isImplied: false }
  const key = firstOf(env, ['NANOAGENT_API_KEY', 'OPENAI_API_KEY'])
  if (key === undefined) {
    if (isBare) return { mode: 'mock', isImplied: true }
    throw new UsageError(
      'no API key is configured: set NANOAGENT_API_KEY or OPENAI_API_KEY ' +
        '(any word where the endpoint wants no key), or use --mock',
    )
  }
  if (!/^[\x21-\x7e]+$/.test(key.value)) {
    throw new UsageError(
      `${key.source} has a space, a line break or a letter beyond ASCII in it: copy the key anew`,
    )
  }
  const model = flag('--model', flags.model) ?? firstOf(env, ['NANOAGENT_MODEL'])
  const base =
    flag('--base-url', flags.baseUrl) ??
    firstOf(env, ['NANOAGENT_API_BASE', 'OPENAI_API_BASE', 'OPENAI_BASE_URL'])
  if (base !== undefined) checkUrl(base)
  return {
    mode: 'live',
    model: model?.value ?? DEFAULT_MODEL,
    apiKey: key.value,
    ...(base === undefined ? {} : { baseUrl: base.value }),
  }
}

interface Setting {
  /** The option or the variable that it came from. */
  readonly source: string
  readonly value: string
}

function flag(source: string, text: string | undefined): Setting | undefined {
  const value = text?.trim()
  if (value === '') throw new UsageError(`${source} is empty: give it a value or leave it out`)
  return value === undefined ? undefined : { source, value }
}

function firstOf(env: Environment, names: readonly string[]): Setting | undefined {
  for (const source of names) {
    const value = env[source]?.trim()
    if (value !== undefined && value !== '') return { source, value }
  }
  return undefined
}

function checkUrl({ source, value }: Setting): void {
  const url = URL.parse(value)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UsageError(
      `${source} is no http or https URL: write where the API begins, such as https://api.openai.com/v1`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      `${source} has a user name or password in it: leave them out and set NANOAGENT_API_KEY`,
    )
  }
}
