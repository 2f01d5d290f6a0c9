import { createParser } from 'eventsource-parser'
import type { Deltas } from './deltas.ts'
import type { Outcome } from './exchange.ts'
import type { Fault } from './faults.ts'
import { faultIn } from './said-error.ts'
import { StreamedAnswer } from './streamed-answer.ts'

/**
 * Reads the server-sent events of a streamed answer.
 *
 * The answer is whole with `[DONE]`, or at the end of a stream that gave a reason to finish. Until then
 * an event with an error ends it, as does one that is no JSON.
 */
export class EventStream {
  readonly #answer: StreamedAnswer
  readonly #parser = createParser({
    onEvent: ({ event, data }) => this.#take(event, data.trim()),
  })
  #isDone = false
  #fault: Fault | undefined
  #hasBegun = false

  constructor(deltas: Deltas) {
    this.#answer = new StreamedAnswer(deltas)
  }

  /** Whether anything was fed. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** Whether the answer is whole, though the stream may say more. */
  get isFinished(): boolean {
    return this.#answer.isFinished
  }

  feed(text: string): void {
    this.#hasBegun = true
    this.#parser.feed(text)
  }

  /** What came of it; undefined while more may come. */
  get outcome(): Outcome | undefined {
    if (this.#fault !== undefined) return { fault: this.#fault }
    return this.#isDone ? { answer: this.#answer.completion } : undefined
  }

  /** What came of it, once nothing more comes. */
  end(): Outcome {
    // The last event may lack the empty line behind it.
    this.#parser.feed('\n\n')
    this.#isDone ||= this.#answer.isFinished
    return this.outcome ?? { fault: { kind: 'torn' } }
  }

  #take(event: string | undefined, data: string): void {
    if (this.#isDone || this.#fault !== undefined || data === '') return
    if (data === '[DONE]') {
      this.#isDone = true
      return
    }
    // What goes wrong behind a whole answer takes nothing from it.
    const isWhole = this.#answer.isFinished
    const fault = this.#add(event, data)
    if (!isWhole) this.#fault = fault
  }

  #add(event: string | undefined, data: string): Fault | undefined {
    let chunk: unknown
    try {
      chunk = JSON.parse(data)
    } catch {
      return { kind: 'malformed' }
    }
    return faultIn(event === 'error' ? { error: chunk } : chunk) ?? this.#answer.add(chunk)
  }
}
