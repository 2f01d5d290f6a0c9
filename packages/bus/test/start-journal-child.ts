import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from './journal-child.ts'

/** A process of its own that works on a journal. */
export interface Child extends AsyncDisposable {
  /** What comes of a command. */
  ask(command: Command): Promise<unknown>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

/** Starts a process that has opened this journal. */
export async function startChild(path: string): Promise<Child> {
  const child = fork(new URL('./journal-child.ts', import.meta.url), {
    execArgv: ['--conditions=nanoagent-source'],
  })
  const ask = async (command: Command) => {
    const answered = once(child, 'message')
    child.send(command)
    const [answer]: unknown[] = await answered
    if (typeof answer !== 'object' || answer === null) throw new Error('no answer')
    if ('error' in answer) throw new Error(String(answer.error))
    return 'result' in answer ? answer.result : undefined
  }
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await ask({ name: 'open', path })
  return { ask, kill, [Symbol.asyncDispose]: kill }
}
