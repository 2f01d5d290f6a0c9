import { readFileSync } from 'node:fs'
import { parseArguments } from './arguments.ts'
import { configure } from './configuration.ts'
import { mergeInto, readEnvFile } from './env-file.ts'
import { UsageError } from './errors.ts'
import { EXIT } from './exit-status.ts'
import { failureOf } from './failure.ts'
import { watchInterruption } from './interruption.ts'
import { checkPrompt } from './prompt.ts'
import { createOutput, type Output } from './screen/output.ts'

/** Does what was typed after the command's name; gives the exit status when all is written. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const output = createOutput(process.stdout, process.stderr, {
    isDumb: process.env.TERM === 'dumb',
  })
  const fail = (error: unknown) => {
    const { text, exitStatus } = failureOf(error)
    output.dump(text)
    return exitStatus
  }
  process.on('uncaughtException', (error) => process.exit(fail(error)))
  const exitStatus = await act(argv, output).catch(fail)
  await output.flush()
  if (!output.closed.aborted) return exitStatus
  const { reason } = output.closed
  if (reason === 'EPIPE') return EXIT.brokenPipe
  output.notify(`nanoagent: standard output cannot be written (${reason}): check where it goes`)
  return EXIT.failed
}

async function act(argv: readonly string[], output: Output): Promise<number> {
  const typed = parseArguments(argv, { version: readVersion(), write: output.write })
  if (typed === undefined) return EXIT.pass
  using interruption = watchInterruption(process)
  interruption.signal.addEventListener('abort', () => {
    // The terminal has just shown ^C.
    if (interruption.exitStatus === EXIT.interrupted && process.stderr.isTTY) output.dump('')
  })
  const fromFile = mergeInto(process.env, readEnvFile('.env'))
  if (typed.command === 'doctor') {
    const { doctor } = await import('./doctor.ts')
    return await doctor({ flags: typed.flags, env: process.env, fromFile, output, interruption })
  }
  if (typed.command === 'check') {
    const { check } = await import('./check.ts')
    return check(typed.flags, output)
  }
  if (typed.command === 'keep') {
    const { keep } = await import('./keeping/keep.ts')
    return await keep(typed.keeping, { env: process.env, output, interruption })
  }
  if (typed.command === 'resume') {
    const { resume } = await import('./resume/resume.ts')
    return await resume({ arguments: typed, env: process.env, output, interruption })
  }
  if (typed.command === 'fork') {
    const { fork } = await import('./forking/fork.ts')
    return await fork({ arguments: typed, env: process.env, output, interruption })
  }
  if (typed.command === 'read') {
    const { read } = await import('./reading/read.ts')
    return await read({ reading: typed.reading, env: process.env, output, interruption })
  }
  if (typed.command === 'replay') {
    const { replay } = await import('./replaying/replay.ts')
    return await replay(typed.replaying, { env: process.env, output, interruption })
  }
  if (typed.command === 'attach') {
    const { attach } = await import('./attaching/attach.ts')
    return await attach(typed, { env: process.env, output, interruption })
  }
  if (typed.command === 'remember') {
    const { remember } = await import('./remembering/remember.ts')
    return await remember(typed.remembering, { env: process.env, output, interruption })
  }
  if (typed.prompt !== undefined) checkPrompt(typed.prompt)
  if (typed.command === 'ask' && typed.prompt === undefined) {
    throw new UsageError(
      'ask needs a prompt, as in nanoagent ask "Generate a 20-character password for a banking app"',
    )
  }
  const configuration = await configure(typed.flags, process.env, typed)
  if (configuration.mode === 'mock' && configuration.isImplied) {
    output.notify(
      'No API key is configured: running in mock mode. ' +
        'Set NANOAGENT_API_KEY (see .env.template) for a real model.',
    )
  }
  const settings = { configuration, output, interruption, env: process.env }
  // Awaited, or signals would not be watched any more.
  if (typed.command === 'run') {
    const { run } = await import('./run.ts')
    return await run({ ...settings, arguments: typed })
  }
  if (typed.command === 'chat') {
    const { chat } = await import('./chat/chat.ts')
    return await chat({ ...settings, arguments: typed })
  }
  const { ask } = await import('./chat/ask.ts')
  return await ask({ ...settings, arguments: typed })
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown'
}
