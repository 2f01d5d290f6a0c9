import type { Runtime } from '@nanoagent/bus'

/** Waits on a runtime's clock, for slow tools and models in tests. Rejects with the signal's reason when it aborts. */
export function sleep(runtime: Runtime, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const onAbort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = runtime.setTimer(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
