import { quiet } from './quiet.ts'

/** A promise that is only made when somebody asks for it, and never counts as unhandled. */
export class Later<T> {
  #promise: Promise<T> | undefined
  #settle: ((promise: Promise<T>) => void) | undefined
  #outcome: { readonly value: T } | { readonly error: unknown } | undefined

  get promise(): Promise<T> {
    this.#promise ??= quiet(
      this.#outcome === undefined
        ? new Promise<T>((resolve) => {
            this.#settle = resolve
          })
        : settled(this.#outcome),
    )
    return this.#promise
  }

  /** Only the first outcome counts. */
  resolve(value: T): void {
    this.#end({ value })
  }

  reject(error: unknown): void {
    this.#end({ error })
  }

  #end(outcome: { readonly value: T } | { readonly error: unknown }): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    this.#settle?.(settled(outcome))
  }
}

function settled<T>(outcome: { readonly value: T } | { readonly error: unknown }): Promise<T> {
  return 'value' in outcome ? Promise.resolve(outcome.value) : quiet(Promise.reject(outcome.error))
}
