import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Environment } from './configuration.ts'
import { UsageError } from './errors.ts'

/**
 * The variables of a `.env` file, none where there is no file. Throws a `UsageError` where it cannot
 * be read, or is no text: `process.loadEnvFile` takes UTF-16 for an empty file.
 */
export function readEnvFile(path: string): Environment {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return {}
    throw new UsageError(`.env cannot be read (${code}): make it a readable file, or remove it`)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    text = '\0'
  }
  if (text.includes('\0')) {
    throw new UsageError('.env is not UTF-8 text: save it as UTF-8, with lines such as NAME=value')
  }
  return parseEnv(text)
}

/**
 * Adds the variables that are not set yet, since the environment wins over the file; gives the names
 * of those that it added.
 */
export function mergeInto(env: NodeJS.ProcessEnv, variables: Environment): ReadonlySet<string> {
  const added = Object.keys(variables).filter((name) => env[name] === undefined)
  for (const name of added) env[name] = variables[name]
  return new Set(added)
}

/** The code of a system error, for people. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
