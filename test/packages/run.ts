import { execFile } from 'node:child_process'
import { delimiter, dirname } from 'node:path'

/** What a command left behind. */
export interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

// This Node comes first, as it does for whoever has installed it; nothing else of this process is
// passed on that a package could be found by.
const { NODE_PATH, NODE_OPTIONS, npm_config_local_prefix, ...environment } = process.env
const env = {
  ...environment,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
}

/** Runs a command to its end, whatever its exit status. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const maxBuffer = 2 ** 26
    execFile(command, args, { cwd, env, maxBuffer }, (error, stdout, stderr) => {
      if (error === null) resolve({ status: 0, stdout, stderr })
      else if (typeof error.code === 'number') resolve({ status: error.code, stdout, stderr })
      else reject(error)
    })
  })
}

/** Runs a command that has to succeed; gives what it printed. */
export async function succeed(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  const { status, stdout, stderr } = await run(command, args, cwd)
  if (status === 0) return stdout
  throw new Error(`'${[command, ...args].join(' ')}' ended with ${status}:\n${stdout}\n${stderr}`)
}
