import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** What a command left behind. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How a command is started. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** What standard input holds; nothing by default. */
  readonly input?: string | Uint8Array
  /** Whether standard input stays open, as a terminal does. */
  readonly isInputOpen?: boolean
  readonly nodeOptions?: readonly string[]
  readonly stdio?: StdioOptions
}

/** A folder that is gone after its scope. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'nanoagent-cli-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

/** What tests add to the environment of commands whose journal is in their folder. */
export const RECORDED = { NANOAGENT_JOURNAL: '' }

/** Starts the real command, with nothing of this process's environment. */
export function startCli(
  args: readonly string[],
  options: CliOptions = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const folder = temporaryFolder()
  const { cwd = folder.path, env = {}, nodeOptions = [], stdio = 'pipe' } = options
  const child = spawn(
    process.execPath,
    ['--conditions=nanoagent-source', ...nodeOptions, main, ...args],
    // What is recorded is what a test asks for.
    { cwd, env: { NANOAGENT_JOURNAL: 'memory', ...env }, stdio },
  )
  child.stdin?.on('error', () => {})
  if (options.isInputOpen !== true) child.stdin?.end(options.input ?? '')
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (part: string) => {
      text[name] += part
    })
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => {
      folder[Symbol.dispose]()
      resolve({ status, ...text })
    })
  })
  return { child, ended }
}

/** Runs the real command to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return startCli(args, options).ended
}

/** How often a text is in another. */
export function occurrences(text: string, part: string): number {
  return text.split(part).length - 1
}
