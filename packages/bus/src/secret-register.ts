import type { Secret } from './secret.ts'

/** The secrets of a run that has none. */
export const NO_SECRETS: readonly Secret[] = Object.freeze([])

/** The secrets of a run, to be found by their handles. */
export class SecretRegister {
  readonly #all = new Set<Secret>()
  readonly #byHandle = new Map<string, Secret>()

  get all(): Iterable<Secret> {
    return this.#all
  }

  /** Of several under one handle the latest is found. */
  add(secret: Secret): void {
    this.#all.add(secret)
    this.#byHandle.set(secret.handle, secret)
  }

  get(handle: string): Secret | undefined {
    return this.#byHandle.get(handle)
  }
}
