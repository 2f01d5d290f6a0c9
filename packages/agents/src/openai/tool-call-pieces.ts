import { z } from 'zod'

/** The arguments of a call: JSON text, or from some endpoints the object itself. */
export const argumentsText = z.union([
  z.string(),
  z.record(z.string(), z.unknown()).transform((object) => JSON.stringify(object)),
])

/** A piece of a tool call in a stream; all of it may be missing. */
export const CallPiece = z.object({
  index: z.int().nullish().catch(null),
  id: z.string().nullish().catch(null),
  type: z.string().nullish().catch(null),
  function: z
    .object({ name: z.string().nullish(), arguments: argumentsText.nullish() })
    .nullish()
    .transform((value) => ({ name: value?.name ?? '', arguments: value?.arguments ?? '' })),
})

/** A tool call as far as it has come, in the words of a chat completion. */
interface Call {
  readonly place: number
  /** The index that the endpoint gave it. */
  readonly index: number | undefined
  id: string
  type: string | undefined
  readonly function: { name: string; arguments: string }
}

/** Puts the tool calls of one answer together, however an endpoint cuts them into pieces. */
export class ToolCallPieces {
  readonly #calls: Call[] = []

  get calls(): readonly Readonly<Call>[] {
    return this.#calls
  }

  /** Adds the calls of one chunk; gives each with its place, its name so far and what was new of its arguments. */
  add(
    pieces: readonly z.output<typeof CallPiece>[],
  ): { readonly index: number; readonly name: string; readonly text: string }[] {
    return pieces.map((piece, position) => {
      // Calls that come side by side are told apart by their places where they have no index.
      const index = piece.index ?? (pieces.length > 1 && !piece.id ? position : undefined)
      const call = this.#callOf(piece, index) ?? this.#begin(index)
      const { name, arguments: text } = piece.function
      call.id ||= piece.id ?? ''
      call.type ??= piece.type ?? undefined
      // A name comes in pieces, or again as a whole, or as what it has grown to.
      call.function.name = name.startsWith(call.function.name) ? name : call.function.name + name
      call.function.arguments += text
      return { index: call.place, name: call.function.name, text }
    })
  }

  /** The call that a piece belongs to; undefined where it begins one. */
  #callOf(piece: z.output<typeof CallPiece>, index: number | undefined): Call | undefined {
    const { name } = piece.function
    const last = this.#calls.at(-1)
    const candidate =
      index === undefined
        ? (this.#calls.find(({ id }) => id !== '' && id === piece.id) ?? last)
        : this.#calls.findLast((call) => call.index === index)
    if (candidate === undefined || name === '') return candidate
    // Some endpoints number no call, or all of them 0: another id with a name is another call.
    if (piece.id && candidate.id !== '' && candidate.id !== piece.id) return undefined
    if (index === undefined && !piece.id && candidate.function.arguments !== '') return undefined
    return candidate
  }

  #begin(index: number | undefined): Call {
    const call: Call = {
      place: this.#calls.length,
      index,
      id: '',
      type: undefined,
      function: { name: '', arguments: '' },
    }
    this.#calls.push(call)
    return call
  }
}
