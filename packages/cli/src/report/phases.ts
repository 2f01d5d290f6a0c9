import { COORDINATOR, type FanOutRecord, type MessageRecord } from '@nanoagent/bus'

/** Tells which messages of a run begin a phase: those that are handled, but for what is asked in between. */
export class Phases {
  readonly #fanOuts: FanOutRecord[] = []
  readonly #asks = new Set<string>()

  /** From here on a message with which a branch of it ends begins none: the join does, later. */
  fannedOut(fanOut: FanOutRecord): void {
    this.#fanOuts.push(fanOut)
  }

  /** Whether this message begins one. Takes the messages of a run in their order. */
  begins({ message: { id, to, type, causationId = '' }, asked, joined }: MessageRecord): boolean {
    if (asked !== undefined) this.#asks.add(id)
    if (to === COORDINATOR || asked !== undefined || this.#asks.has(causationId)) return false
    const isEnd = this.#fanOuts.some((one) => one.to === to && one.types.includes(type))
    return joined !== undefined || !isEnd
  }
}
