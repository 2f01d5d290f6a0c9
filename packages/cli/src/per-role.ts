import type { ModelSettings } from '@nanoagent/agents'
import { InvalidArgumentError, Option } from 'commander'
import { UsageError } from './errors.ts'

/** The roles of the full password team, known here without loading it. */
export const ROLES = [
  'planner',
  'implementer',
  'tester',
  'security-auditor',
  'ux-writer',
  'reviewer',
] as const

/** One of `ROLES`. */
export type Role = (typeof ROLES)[number]

/** What an option was given for every role, and for single ones; of several the last counts. */
interface PerRole<Value> {
  readonly all?: Value
  readonly roles: { readonly [Name in Role]?: Value }
}

/** Options whose value may be for one role, parsed. */
export interface PerRoleFlags {
  readonly model?: PerRole<string> | undefined
  readonly temperature?: PerRole<number> | undefined
  readonly maxAnswerTokens?: PerRole<number> | undefined
}

// A slash or a colon before the '=' belongs to the name of a model.
const FOR_ROLE = /^([a-z][a-z0-9-]*)=(.*)$/s

/** An option that can be repeated, each time for every role or for one: `0.2`, `tester=0.7`. */
export function perRole<Value>(
  flags: string,
  description: string,
  parse: (text: string) => Value,
): Option {
  const take = (typed: string, given: PerRole<Value> = { roles: {} }): PerRole<Value> => {
    const [, name, text = ''] = FOR_ROLE.exec(typed) ?? []
    if (name === undefined) return { ...given, all: parse(typed) }
    const role = ROLES.find((known) => known === name)
    if (role === undefined) {
      throw new InvalidArgumentError(`no agent plays '${name}', the roles are ${ROLES.join(', ')}`)
    }
    if (text.trim() === '') throw new InvalidArgumentError(`write a value behind '${role}='`)
    return { ...given, roles: { ...given.roles, [role]: parse(text) } }
  }
  return new Option(flags, description).argParser(take)
}

/**
 * The settings of each of these roles that has some. The model for every role is not among them. Throws a
 * `UsageError` where another role was given some.
 */
export function settingsByRole(
  flags: PerRoleFlags,
  playing: readonly Role[],
): { readonly [Name in Role]?: ModelSettings } {
  checkAbsent(flags, playing)
  const entries = playing.map((role): readonly [Role, ModelSettings] => {
    const model = flags.model?.roles[role]?.trim()
    const temperature = valueFor(role, flags.temperature)
    const maxTokens = valueFor(role, flags.maxAnswerTokens)
    const settings = {
      ...(model === undefined ? {} : { model }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { maxTokens }),
    }
    return [role, settings]
  })
  return Object.fromEntries(entries.filter(([, settings]) => Object.keys(settings).length > 0))
}

function checkAbsent(flags: PerRoleFlags, playing: readonly Role[]): void {
  const given = [flags.model, flags.temperature, flags.maxAnswerTokens].flatMap((option) =>
    Object.keys(option?.roles ?? {}),
  )
  const absent = ROLES.find((role) => given.includes(role) && !playing.includes(role))
  if (absent === undefined) return
  throw new UsageError(
    `no agent of this team plays '${absent}', its roles are ${playing.join(', ')}: ` +
      'see --team and --with in nanoagent --help',
  )
}

function valueFor<Value>(role: Role, given: PerRole<Value> | undefined): Value | undefined {
  return given?.roles[role] ?? given?.all
}
