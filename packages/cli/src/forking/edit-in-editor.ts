import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Environment } from '../configuration.ts'
import { errorCode } from '../env-file.ts'
import { UsageError } from '../errors.ts'
import { dataText, parseData } from './edited-data.ts'

/** What an editor is begun with. */
export interface EditorSettings {
  readonly env: Environment
  readonly stdin: { readonly isTTY?: boolean }
  readonly stdout: { readonly isTTY?: boolean }
}

/** Data that somebody has edited, and the file that it is in. */
export interface EditedData {
  readonly data: unknown
  /** Removes the file. */
  discard(): void
  /** The error with where the edit is kept, so that nothing of it is lost; where nothing was edited the file goes. */
  keptAfter(error: unknown): unknown
}

/**
 * Lets a person edit data in VISUAL, EDITOR or vi, in a file that is the user's alone and stays until it is
 * discarded. Throws a `UsageError` where there is no terminal, where the editor fails, and where no JSON is
 * left; then what was edited is kept, and the error names the file.
 */
export async function editInEditor(
  data: unknown,
  { env, stdin, stdout }: EditorSettings,
): Promise<EditedData> {
  if (stdin.isTTY !== true || stdout.isTTY !== true) {
    throw new UsageError(
      '--edit needs a terminal for the editor: give --data FILE or --set path=value',
    )
  }
  const text = dataText(data)
  const file = join(mkdtempSync(join(tmpdir(), 'nanoagent-')), 'data.json')
  const discard = () => rmSync(dirname(file), { recursive: true, force: true })
  const keptAfter = (error: unknown) => {
    if (!existsSync(file)) return error
    if (readFileSync(file, 'utf8') === text) {
      discard()
      return error
    }
    const kept = `what you have edited is kept, --data ${file} takes it`
    if (error instanceof UsageError) return new UsageError(`${error.message}; ${kept}`)
    process.stderr.write(`nanoagent: ${kept}\n`)
    return error
  }
  writeFileSync(file, text, { mode: 0o600 })
  try {
    await edit(env.VISUAL?.trim() || env.EDITOR?.trim() || 'vi', file)
    return { data: parseData(readFileSync(file, 'utf8'), 'what was edited'), discard, keptAfter }
  } catch (error) {
    throw keptAfter(error)
  }
}

/** An editor may be a command with options. */
function edit(editor: string, file: string): Promise<void> {
  const [command = 'vi', ...options] = editor.split(/\s+/)
  const next = 'set EDITOR to one that waits until you are done, or give --data FILE'
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...options, file], { stdio: 'inherit' })
    child.once('error', (error) => {
      reject(
        new UsageError(`the editor '${editor}' cannot be begun (${errorCode(error)}): ${next}`),
      )
    })
    child.once('exit', (status, signal) => {
      if (status === 0) resolve()
      else reject(new UsageError(`the editor '${editor}' ended with ${status ?? signal}: ${next}`))
    })
  })
}
