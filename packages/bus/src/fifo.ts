/** Places in front of the first item that may be empty before the rest is moved there. */
const MOST_EMPTY = 1_024

/** A queue whose `shift` moves the rest only now and then, and which keeps nothing that has left it. */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    } else if (this.#head > MOST_EMPTY && this.#head > this.size) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
