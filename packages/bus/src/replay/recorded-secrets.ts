import type { Secret } from '../secret.ts'

interface Entry {
  readonly secret: Secret
  readonly seq: number
  readonly owner: string | undefined
}

/** The secrets of a recorded run, and when it had them. */
export class RecordedSecrets {
  readonly #entries: Entry[] = []
  #all: ReadonlySet<Secret> | undefined

  /** In the order of their records. `owner` is the attempt that brings it along when it is made again. */
  add(secret: Secret, seq: number, owner: string | undefined): void {
    this.#entries.push({ secret, seq, owner })
  }

  /** All that the run ever had. */
  get all(): Iterable<Secret> {
    this.#all ??= new Set(this.#entries.map(({ secret }) => secret))
    return this.#all
  }

  /** Those that were there before a record, without those of one attempt; oldest first. */
  *before(record: number, attempt: string): Iterable<Secret> {
    for (const { secret, seq, owner } of this.#entries) {
      if (seq < record && owner !== attempt) yield secret
    }
  }
}
