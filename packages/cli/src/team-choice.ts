import { InvalidArgumentError, Option } from 'commander'
import type { Role } from './per-role.ts'

/** The names of the teams that come with nanoagent, known here without loading them. */
export const TEAM_NAMES = ['password', 'password-full'] as const

/** Roles that can be added to a team. */
export const SPECIALISTS = ['security-auditor', 'ux-writer'] as const

/** One of `SPECIALISTS`. */
type Specialist = (typeof SPECIALISTS)[number]

/** Which team works, parsed. */
export interface TeamFlags {
  readonly team: (typeof TEAM_NAMES)[number]
  /** Who works in it besides. */
  readonly with?: readonly Specialist[]
}

/** The option that names the team. */
export function teamOption(): Option {
  return new Option('--team <name>', 'the team that works').choices(TEAM_NAMES).default('password')
}

/** The option that adds specialists to it; can be repeated. */
export function withOption(): Option {
  const description = `add specialists to the team: ${SPECIALISTS.join(',')} or one of them`
  return new Option('--with <roles>', description).argParser(readSpecialists)
}

function readSpecialists(text: string, before: readonly Specialist[] = []): readonly Specialist[] {
  const names = text.split(',').map((name) => name.trim())
  const added = names
    .filter((name) => name !== '')
    .map((name) => {
      const role = SPECIALISTS.find((known) => known === name)
      if (role !== undefined) return role
      throw new InvalidArgumentError(`no specialist plays '${name}', they are ${listed}`)
    })
  if (added.length === 0) throw new InvalidArgumentError(`name one of ${listed}`)
  return [...new Set([...before, ...added])]
}

const listed = SPECIALISTS.join(', ')

/** The roles of the team that works. */
export function rolesOf({ team, with: added = [] }: TeamFlags): readonly Role[] {
  const specialists = SPECIALISTS.filter((role) => team === 'password-full' || added.includes(role))
  const reviewer: readonly Role[] = specialists.length > 0 ? ['reviewer'] : []
  return ['planner', 'implementer', 'tester', ...specialists, ...reviewer]
}
