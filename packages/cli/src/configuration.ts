import { UsageError } from './errors.ts'
import { firstCharacters } from './screen/printable.ts'

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

const KEYS = ['NANOAGENT_API_KEY', 'OPENAI_API_KEY']
const BASES = ['NANOAGENT_API_BASE', 'OPENAI_API_BASE', 'OPENAI_BASE_URL']

/**
 * Settles which model answers. What was typed is checked before what is configured, and with `mock`
 * too. A variable that is empty counts as not set. Throws a `UsageError` that names what to set or to
 * mend, and quotes no variable's value: it may be a key in the wrong place.
 */
export async function configure(
  flags: ModelFlags,
  env: Environment,
  { isBare = false }: { readonly isBare?: boolean } = {},
): Promise<Configuration> {
  const key = firstOf(env, KEYS)
  const typedBase = flag('--base-url', flags.baseUrl)
  if (typedBase !== undefined) await checkUrl(typedBase, { hide: key?.value })
  const typedModel = flag('--model', flags.model)
  if (flags.mock === true) return { mode: 'mock', isImplied: false }
  if (key === undefined && isBare) return { mode: 'mock', isImplied: true }

  const base = typedBase ?? firstOf(env, BASES)
  if (base !== undefined && base !== typedBase) await checkUrl(base)
  if (key === undefined) {
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
  return {
    mode: 'live',
    model: (typedModel ?? firstOf(env, ['NANOAGENT_MODEL']))?.value ?? DEFAULT_MODEL,
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

/** Quotes what was typed; not with the key in it, and not what is in a variable. */
async function checkUrl(
  { source, value }: Setting,
  { hide }: { readonly hide?: string | undefined } = {},
): Promise<void> {
  // Only here: it takes as long to load as everything else before a run.
  const { baseUrlProblem, displayUrl } = await import('@nanoagent/agents/openai')
  const problem = baseUrlProblem(value)
  if (problem === undefined) return
  const isShown = source.startsWith('--') && (hide === undefined || !value.includes(hide))
  const shown = isShown ? ` ${firstCharacters(displayUrl(value), 100)}` : ''
  throw new UsageError(`${source}${shown} ${problem}`)
}
