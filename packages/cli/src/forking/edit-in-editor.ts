import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../configuration.ts'
import { errorCode } from '../env-file.ts'
import { UsageError } from '../errors.ts'

/** Lets a person edit a text in VISUAL, EDITOR or vi; gives it as it was left. The file is the user's alone. */
export async function editInEditor(text: string, env: Environment): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'nanoagent-'))
  const file = join(folder, 'data.json')
  try {
    writeFileSync(file, text, { mode: 0o600 })
    await edit(env.VISUAL?.trim() || env.EDITOR?.trim() || 'vi', file)
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
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
