import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Agent, builtInTeams, type Listener } from '@nanoagent/agents'
import { describe } from '@nanoagent/bus'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { firstCharacters, oneLine } from '../screen/printable.ts'

/** The agent of a role of the full team, or the default export of a module. */
export async function findAgent(name: string): Promise<Agent | Listener> {
  if (/^(?:\.{0,2}\/|[A-Za-z]:[\\/])/.test(name)) return await loadAgent(name)
  const { agents } = builtInTeams['password-full']()
  const agent = agents.find(({ role }) => role === name)
  if (agent !== undefined) return agent
  const roles = agents.map(({ role }) => role).join(', ')
  throw new UsageError(
    `no agent plays '${firstCharacters(oneLine(name), 40)}', the roles are ${roles}: ` +
      'name one of them, or a module as in ./my-agent.ts',
  )
}

async function loadAgent(path: string): Promise<Agent | Listener> {
  const refuse = (why: string, options?: ErrorOptions) =>
    new UsageError(
      `the module ${oneLine(path)} ${why}: give one whose default export is what ` +
        'defineAgent or defineListener gives',
      options,
    )
  if (!existsSync(path)) throw refuse('is not there')
  let loaded: { readonly default?: unknown }
  try {
    loaded = await import(pathToFileURL(resolve(path)).href)
  } catch (cause) {
    throw refuse(`cannot be loaded (${oneLine(describe(cause))})`, { cause })
  }
  if (isAgent(loaded.default)) return loaded.default
  throw refuse(
    loaded.default === undefined ? 'has no default export' : 'exports something else by default',
  )
}

const aFunction = z.custom((value) => typeof value === 'function')

const Types = z.array(z.looseObject({ name: z.string(), parse: aFunction })).min(1)

const AgentShape = z
  .looseObject({
    role: z.string(),
    instructions: z.string(),
    tools: z.array(z.unknown()),
    handle: aFunction,
  })
  .and(z.union([z.looseObject({ accepts: Types }), z.looseObject({ listens: Types })]))

/** Whether a value is what `defineAgent` or `defineListener` gives, as far as its shape tells. */
function isAgent(value: unknown): value is Agent | Listener {
  return AgentShape.safeParse(value).success
}
