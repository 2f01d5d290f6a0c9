import { EXIT } from './exit-status.ts'

/** The part of the process that tells of signals. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
  exit(status: number): void
}

/** What stopped a run from outside, if anything did. */
export interface Interruption extends Disposable {
  /** Aborts at the first Ctrl-C, SIGTERM or call of `stop`. */
  readonly signal: AbortSignal
  /** The command's exit status, once stopped. */
  readonly exitStatus: number | undefined
  stop(exitStatus: number, reason: string): void
}

// Not SIGHUP: a listener would undo nohup.
const SIGNALS = [
  { name: 'SIGINT', exitStatus: EXIT.interrupted },
  { name: 'SIGTERM', exitStatus: EXIT.terminated },
] as const

/** Watches for signals until it is disposed. The second one ends the process at once. */
export function watchInterruption(source: SignalSource): Interruption {
  const controller = new AbortController()
  let stopped: number | undefined
  const stop = (exitStatus: number, reason: string) => {
    if (stopped !== undefined) return
    stopped = exitStatus
    controller.abort(new Error(reason))
  }
  const listeners = SIGNALS.map(({ name, exitStatus }) => {
    const listener = () => {
      if (stopped === undefined) stop(exitStatus, `interrupted by ${name}`)
      else source.exit(exitStatus)
    }
    source.on(name, listener)
    return { name, listener }
  })
  return {
    signal: controller.signal,
    get exitStatus() {
      return stopped
    },
    stop,
    [Symbol.dispose]() {
      for (const { name, listener } of listeners) source.off(name, listener)
    },
  }
}
