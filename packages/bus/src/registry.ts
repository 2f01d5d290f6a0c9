/** Removed keys that may stay in the map before they are taken out, all at once. */
const MOST_GONE = 128

/**
 * A map whose entries come and go quickly. A `Map` that empties is made anew with nearly every
 * removal, so this one takes removed keys out in batches.
 */
export class Registry<V extends object> {
  readonly #map = new Map<string, V | undefined>()
  #gone: string[] | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: string): V | undefined {
    return this.#map.get(key)
  }

  /** Adds a value under a key that has none. */
  add(key: string, value: V): void {
    this.#map.set(key, value)
    this.#size++
  }

  /** Forgets a key; one that is not there is no harm. */
  remove(key: string): void {
    if (this.#map.get(key) === undefined) return
    this.#map.set(key, undefined)
    this.#size--
    this.#gone ??= []
    if (this.#gone.push(key) > MOST_GONE) this.#sweep()
  }

  clear(): void {
    this.#map.clear()
    this.#gone = undefined
    this.#size = 0
  }

  /** The values in the order of their keys, each of which counts from when it was first added. */
  values(): readonly V[] {
    return [...this.#map.values()].filter((value) => value !== undefined)
  }

  /** A key may have been added again since it was removed. */
  #sweep(): void {
    for (const key of this.#gone ?? []) {
      if (this.#map.get(key) === undefined) this.#map.delete(key)
    }
    this.#gone = undefined
  }
}
