/** The same promise, which does not count as unhandled when nobody looks at it. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
