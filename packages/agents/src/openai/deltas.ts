import type { ModelDelta } from '../model.ts'

type Piece = Exclude<ModelDelta, { readonly kind: 'retry' }>

/** Tells the pieces of an answer, without the API key. */
export interface Deltas {
  tell(delta: ModelDelta): void
  /** Nothing comes any more: tells what was held back. */
  end(): void
}

/** What `cleanDeltas` needs to know of secrets. */
interface Cutter {
  /** Splits text into what may be told, clean, and an end that may be the beginning of a key. */
  cut(text: string): readonly [ready: string, held: string]
  answer(text: string): string
}

/**
 * Passes pieces on once it is sure that they hold no API key, which an endpoint may echo torn over
 * two of them: an end that may be a key's beginning is held back until the next piece.
 */
export function cleanDeltas(
  onDelta: ((delta: ModelDelta) => void) | undefined,
  { cut, answer }: Cutter,
): Deltas {
  if (onDelta === undefined) return { tell() {}, end() {} }
  let held: Piece | undefined
  const end = () => {
    if (held !== undefined) onDelta(held)
    held = undefined
  }
  return {
    tell(delta) {
      if (delta.kind === 'retry') {
        held = undefined
        onDelta(delta)
        return
      }
      const piece = delta.kind === 'tool_call' ? { ...delta, name: answer(delta.name) } : delta
      const isOfHeld = held !== undefined && isSamePart(held, piece)
      if (!isOfHeld) end()
      const [ready, rest] = cut((held?.text ?? '') + piece.text)
      held = rest === '' ? undefined : { ...piece, text: rest }
      // A call is worth telling before it has arguments.
      if (ready !== '' || (delta.kind === 'tool_call' && !isOfHeld))
        onDelta({ ...piece, text: ready })
    },
    end,
  }
}

function isSamePart(a: Piece, b: Piece): boolean {
  if (a.kind !== 'tool_call' || b.kind !== 'tool_call') return a.kind === b.kind
  return a.index === b.index
}
