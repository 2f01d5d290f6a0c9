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
  | LiveConfiguration

/** Which endpoint's model answers. */
export interface LiveConfiguration {
  readonly mode: 'live'
  readonly model: string
  readonly apiKey: string
  /** Absent for OpenAI's own. */
  readonly baseUrl?: string
  /** Which option or variable gave each of them, for people. */
  readonly sources: Readonly<Record<'apiKey' | 'baseUrl' | 'model', string>>
}

/** What is known where the configuration is settled. */
export interface ConfigureOptions {
  /** Whether nothing was typed but the command itself. */
  readonly isBare?: boolean
  /** The names of the variables that come from `.env`. */
  readonly fromFile?: ReadonlySet<string>
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
  options: ConfigureOptions = {},
): Promise<Configuration> {
  const typed = await readFlags(flags, env)
  if (flags.mock === true) return { mode: 'mock', isImplied: false }
  if (options.isBare === true && firstOf(env, KEYS) === undefined) {
    return { mode: 'mock', isImplied: true }
  }
  return settle(typed, env, options)
}

/** Settles the same for a command that has no mock mode. */
export async function configureLive(
  flags: ModelFlags,
  env: Environment,
  options: Pick<ConfigureOptions, 'fromFile'> = {},
): Promise<LiveConfiguration> {
  return settle(await readFlags(flags, env), env, { ...options, canMock: false })
}

interface TypedSettings {
  readonly base: Setting | undefined
  readonly model: Setting | undefined
}

async function readFlags(flags: ModelFlags, env: Environment): Promise<TypedSettings> {
  const base = flag('--base-url', flags.baseUrl)
  if (base !== undefined) await checkUrl(base, { hide: firstOf(env, KEYS)?.value })
  return { base, model: flag('--model', flags.model) }
}

async function settle(
  typed: TypedSettings,
  env: Environment,
  options: ConfigureOptions & { readonly canMock?: boolean },
): Promise<LiveConfiguration> {
  const { canMock = true, fromFile } = options
  const base = typed.base ?? firstOf(env, BASES)
  if (base !== undefined && base !== typed.base) await checkUrl(base)
  const key = firstOf(env, KEYS)
  if (key === undefined) {
    throw new UsageError(
      'no API key is configured: set NANOAGENT_API_KEY or OPENAI_API_KEY ' +
        `(any word where the endpoint wants no key)${canMock ? ', or use --mock' : ''}`,
    )
  }
  if (!/^[\x21-\x7e]+$/.test(key.value)) {
    throw new UsageError(
      `${key.source} has a space, a line break or a letter beyond ASCII in it: copy the key anew`,
    )
  }
  const model = typed.model ?? firstOf(env, ['NANOAGENT_MODEL'])
  const sourceOf = (setting: Setting | undefined) => {
    if (setting === undefined) return 'the default'
    return fromFile?.has(setting.source) ? `${setting.source} in .env` : setting.source
  }
  return {
    mode: 'live',
    model: model?.value ?? DEFAULT_MODEL,
    apiKey: key.value,
    ...(base === undefined ? {} : { baseUrl: base.value }),
    sources: { apiKey: sourceOf(key), baseUrl: sourceOf(base), model: sourceOf(model) },
  }
}

/** The model that is asked, or would be: what was typed, else the variable, else the default. */
export function modelName(flags: ModelFlags, env: Environment): string {
  return flags.model ?? firstOf(env, ['NANOAGENT_MODEL'])?.value ?? DEFAULT_MODEL
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
