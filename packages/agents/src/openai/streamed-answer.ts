import { z } from 'zod'
import { contentText } from './content-text.ts'
import type { Deltas } from './deltas.ts'
import type { Fault } from './faults.ts'
import { CallPiece, ToolCallPieces } from './tool-call-pieces.ts'

const Text = z.string().nullish().catch(null)

const Delta = z.object({
  content: contentText,
  refusal: Text,
  // The same thoughts come under either name, or under both.
  reasoning_content: Text,
  reasoning: Text,
  tool_calls: z.array(CallPiece).nullish(),
})

const Chunk = z.object({
  model: Text,
  usage: z.looseObject({}).nullish().catch(null),
  choices: z
    .array(
      z.object({
        index: z.int().nullish().catch(null),
        finish_reason: Text,
        delta: Delta.nullish(),
        // Some endpoints put the whole answer into one chunk.
        message: Delta.nullish(),
      }),
    )
    .nullish(),
})

/** Puts the chunks of a streamed answer together, and tells its pieces as they come. */
export class StreamedAnswer {
  readonly #deltas: Deltas
  readonly #calls = new ToolCallPieces()
  #hasChoice = false
  #content = ''
  #refusal = ''
  #finishReason = ''
  #model = ''
  #usage: unknown

  constructor(deltas: Deltas) {
    this.#deltas = deltas
  }

  /** Whether a reason to finish has come; only the usage may follow. */
  get isFinished(): boolean {
    return this.#finishReason !== ''
  }

  /** The same answer as an endpoint gives it that does not stream. */
  get completion(): unknown {
    return {
      ...(this.#model !== '' && { model: this.#model }),
      choices: this.#hasChoice
        ? [
            {
              finish_reason: this.#finishReason,
              message: {
                content: this.#content,
                refusal: this.#refusal,
                tool_calls: this.#calls.calls,
              },
            },
          ]
        : [],
      usage: this.#usage,
    }
  }

  /** Adds a chunk; gives a fault where it is none. */
  add(chunk: unknown): Fault | undefined {
    const parsed = Chunk.safeParse(chunk)
    if (!parsed.success) return { kind: 'answer', answer: chunk }
    const { model, usage, choices } = parsed.data
    this.#model ||= model ?? ''
    this.#usage = usage ?? this.#usage
    for (const choice of choices ?? []) {
      if ((choice.index ?? 0) !== 0) continue
      this.#hasChoice = true
      if (choice.finish_reason === 'error') return { kind: 'error_event', body: '' }
      this.#finishReason ||= choice.finish_reason ?? ''
      const delta = choice.delta ?? (this.#isEmpty ? choice.message : undefined)
      if (delta) this.#addDelta(delta)
    }
    return undefined
  }

  get #isEmpty(): boolean {
    return this.#content === '' && this.#refusal === '' && this.#calls.calls.length === 0
  }

  #addDelta(delta: z.output<typeof Delta>): void {
    const thought = delta.reasoning_content || delta.reasoning
    if (thought) this.#deltas.tell({ kind: 'reasoning', text: thought })
    this.#refusal += delta.refusal ?? ''
    const content = delta.content ?? ''
    this.#content += content
    if (content !== '') this.#deltas.tell({ kind: 'text', text: content })
    for (const piece of this.#calls.add(delta.tool_calls ?? [])) {
      this.#deltas.tell({ kind: 'tool_call', ...piece })
    }
  }
}
