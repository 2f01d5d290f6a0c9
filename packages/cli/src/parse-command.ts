import { type Command, CommanderError } from 'commander'
import { UsageError } from './errors.ts'
import { firstCharacters, oneLine } from './screen/printable.ts'

/** What parsing needs besides what was typed. */
export interface ParseOptions {
  readonly version: string
  /** Writes a help. */
  readonly write: (text: string) => void
}

/**
 * Parses what was typed behind a command's word into its options and arguments. Says whether there is
 * something left to do: `--help` said it all. Throws a `UsageError` for anything that cannot be meant.
 */
export function parse(command: Command, argv: readonly string[], { write }: ParseOptions): boolean {
  command.configureOutput({ writeOut: write, writeErr: () => {} }).exitOverride()
  try {
    command.parse(argv, { from: 'user' })
    return true
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return false
    throw new UsageError(refusal(oneLine(error.message), command))
  }
}

/** A message of commander's as our line. */
function refusal(message: string, command: Command): string {
  const help = `${command.name()} --help`
  const takesPrompt = command.registeredArguments.some((argument) => argument.name() === 'prompt')
  const words = message
    .replace(/^error: /, '')
    .replace(/ is invalid\. Allowed choices are (.*)\.$/, ' is invalid: choose one of $1')
    .replace(' is invalid. ', ' is invalid: ')
  const unknown = /^unknown option '(.*)'(?: \(Did you mean (\S+)\?\))?$/.exec(words)
  if (unknown === null) return `${words}; see ${help}`
  const [, typed = '', similar] = unknown
  // What was typed behind an unknown option may be a key.
  const name = firstCharacters(typed.replace(/=.*/, ''), 40)
  const meant = similar === undefined ? `see ${help}` : `write ${similar} if you meant that`
  const problem = `unknown option '${name}': ${meant}`
  return takesPrompt ? `${problem}, or put -- before a prompt that begins with a dash` : problem
}
