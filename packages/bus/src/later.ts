import { quiet } from './quiet.ts'

/** A promise that is only made when somebody asks for it, and never counts as unhandled. */
export class Later<T> {
  #promise: Promise<T> | undefined
  #settle: PromiseWithResolvers<T> | undefined
  #outcome: { readonly value: T } | { readonly error: unknown } | undefined

  get promise(): Promise<T> {
    this.#promise ??= this.#make()
    return this.#promise
  }

  /** Only the first outcome counts. */
  resolve(value: T): void {
    if (this.#outcome !== undefined) return
    this.#outcome = { value }
    this.#settle?.resolve(value)
  }

  reject(error: unknown): void {
    if (this.#outcome !== undefined) return
    this.#outcome = { error }
    if (this.#settle === undefined) return
    void quiet(this.#settle.promise)
    this.#settle.reject(error)
  }

  #make(): Promise<T> {
    if (this.#outcome === undefined) {
      this.#settle = Promise.withResolvers<T>()
      return this.#settle.promise
    }
    return 'value' in this.#outcome
      ? Promise.resolve(this.#outcome.value)
      : quiet(Promise.reject(this.#outcome.error))
  }
}
