import { InterruptedError } from './errors.ts'
import { EXIT } from './exit-status.ts'
import type { Output } from './screen/output.ts'

/** The part of the process that tells of signals. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
  exit(status: number): void
}

/** What stopped a command from outside, if anything did. */
export interface Interruption extends Disposable {
  /** Aborts at the first Ctrl-C, SIGTERM or call of `stop`, with an `InterruptedError`. */
  readonly signal: AbortSignal
  /** The command's exit status, once stopped. */
  readonly exitStatus: number | undefined
  stop(exitStatus: number, reason: string): void
}

// Not SIGHUP: a listener would undo nohup.
const SIGNALS = [
  { name: 'SIGINT', exitStatus: EXIT.interrupted, reason: 'interrupted' },
  { name: 'SIGTERM', exitStatus: EXIT.terminated, reason: 'interrupted by SIGTERM' },
] as const

/** Watches for signals until it is disposed. The second one ends the process at once. */
export function watchInterruption(source: SignalSource): Interruption {
  const controller = new AbortController()
  let stopped: number | undefined
  const stop = (exitStatus: number, reason: string) => {
    if (stopped !== undefined) return
    stopped = exitStatus
    controller.abort(new InterruptedError(reason, exitStatus))
  }
  const listeners = SIGNALS.map(({ name, exitStatus, reason }) => {
    const listener = () => {
      if (stopped === undefined) stop(exitStatus, reason)
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

/** Stops what nobody reads any more, as soon as its output is closed. */
export function stopWhenUnread(
  interruption: Interruption,
  { closed }: Pick<Output, 'closed'>,
): void {
  closed.addEventListener('abort', () => {
    interruption.stop(EXIT.brokenPipe, 'nobody reads the output any more')
  })
}

/** What the promise gives, unless the signal aborts before; rejects with the signal's reason then. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([aborted.promise, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
