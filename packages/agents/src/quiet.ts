/** The same promise, which a handler that does not await it cannot end the process with. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
