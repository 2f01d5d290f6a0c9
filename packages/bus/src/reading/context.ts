import { COORDINATOR, type Message } from '../message.ts'
import type { JournalRecord, MessageRecord } from '../records.ts'

/** The messages of one run, and for each of them what led to it. */
export class CausalPast {
  readonly #messages: Message[] = []
  /** Where in them is which message, made when somebody looks for one: few handlers do. */
  #places: Map<string, number> | undefined
  #placed = 0
  /** What a join has joined. */
  #joined: Map<string, readonly string[]> | undefined
  #asks: Set<string> | undefined
  /** Replies to the latest attempt, by the message that it handles. */
  #replies: Map<string, string[]> | undefined

  get(id: string): Message | undefined {
    const place = this.#placeOf(id)
    return place === undefined ? undefined : this.#messages[place]
  }

  /** All of them, in the order in which they were added. */
  all(): readonly Message[] {
    return this.#messages.slice()
  }

  add({ message, asked, joined }: MessageRecord): void {
    const { id, causationId } = message
    this.#messages.push(message)
    if (asked !== undefined) {
      this.#asks ??= new Set()
      this.#asks.add(id)
    }
    if (joined !== undefined) {
      this.#joined ??= new Map()
      this.#joined.set(id, joined)
    }
    if (causationId !== undefined && this.#asks?.has(causationId)) this.#addReply(id, causationId)
  }

  /** The same message, read again. */
  replace(message: Message): void {
    const place = this.#placeOf(message.id)
    if (place !== undefined) this.#messages[place] = message
  }

  /** An attempt has failed: what it was told led to nothing. */
  failed(messageId: string): void {
    this.#replies?.delete(messageId)
  }

  /**
   * The messages that led to this one, root first and the message itself last: its causal past, never
   * what happened elsewhere in the run meanwhile. Of a join they have all branches that it joined, in
   * the fan-out's order; of what a handler published, the asks that it was answered, in the order in
   * which it asked. The same in every run that takes the same ways. Empty where the id is unknown.
   */
  of(id: string): readonly Message[] {
    const past: Message[] = []
    this.#collect(id, past, new Set())
    return past
  }

  #placeOf(id: string): number | undefined {
    this.#places ??= new Map()
    if (this.#placed < this.#messages.length) {
      for (const added of this.#messages.slice(this.#placed)) {
        this.#places.set(added.id, this.#placed++)
      }
    }
    return this.#places.get(id)
  }

  #collect(id: string, past: Message[], seen: Set<string>): void {
    const chain: Message[] = []
    for (let message = this.get(id); message !== undefined && !seen.has(message.id); ) {
      seen.add(message.id)
      chain.push(message)
      message = message.causationId === undefined ? undefined : this.get(message.causationId)
    }
    for (const message of chain.reverse()) {
      for (const branch of this.#joined?.get(message.id) ?? []) this.#collect(branch, past, seen)
      for (const reply of this.#repliesBefore(message)) this.#collect(reply, past, seen)
      past.push(message)
    }
  }

  /** What a handler was told before it published this. An ask leaves at once: it waits for none of them. */
  #repliesBefore({ id, from, causationId = '' }: Message): readonly string[] {
    const isOutside = from === COORDINATOR
    if (this.#replies === undefined || isOutside || this.#asks?.has(id) === true) return []
    return [...(this.#replies.get(causationId) ?? [])].sort()
  }

  #addReply(id: string, ask: string): void {
    const asker = this.get(ask)?.causationId
    if (asker === undefined) return
    this.#replies ??= new Map()
    const known = this.#replies.get(asker)
    if (known === undefined) this.#replies.set(asker, [id])
    else known.push(id)
  }
}

/** The shared context of a message: what its handler could know. */
export interface SharedContext {
  /** The root message; absent where the message is unknown. */
  readonly request: Message | undefined
  /** The messages that led here, root first, with the message itself last. */
  readonly history: readonly Message[]
}

/** The shared context of a message, from its run's records. */
export function sharedContext(records: Iterable<JournalRecord>, id: string): SharedContext {
  const past = new CausalPast()
  for (const record of records) {
    if (record.kind === 'message') past.add(record)
    else if (record.kind === 'settle' && record.outcome === 'failed') past.failed(record.messageId)
  }
  const history = past.of(id)
  return { request: history[0], history }
}
