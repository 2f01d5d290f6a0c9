import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CallPiece, ToolCallPieces } from './tool-call-pieces.ts'

const Call = fc.record({
  name: fc.stringMatching(/^[a-z]{1,8}$/),
  text: fc.json(),
  cuts: fc.array(fc.nat(), { maxLength: 5 }),
})

/** The text, cut at these places. */
function cut(text: string, cuts: readonly number[]): string[] {
  const places = cuts.map((place) => place % (text.length + 1)).sort((a, b) => a - b)
  return [0, ...places].map((from, index) => text.slice(from, places[index]))
}

describe('tool calls in pieces', () => {
  it('are whole again wherever their arguments are cut, and however they are interleaved', () => {
    fc.assert(
      fc.property(
        fc.array(Call, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('id and index', 'index', 'id'),
        fc.infiniteStream(fc.nat()),
        (calls, told, choices) => {
          const queues = calls.map(({ name, text, cuts }, index) =>
            cut(text, cuts).map((part, at) => ({
              ...(told !== 'id' && { index }),
              ...(told !== 'index' && (at === 0 || told === 'id') && { id: `call_${index}` }),
              function: { arguments: part, ...(at === 0 && { name }) },
            })),
          )
          const pieces = new ToolCallPieces()
          // Each begins in its turn; then they go on in any order.
          for (const queue of queues) pieces.add([CallPiece.parse(queue.shift())])
          for (let left = queues.flat().length; left > 0; left--) {
            const open = queues.filter((queue) => queue.length > 0)
            const queue = open[(choices.next().value ?? 0) % open.length]
            pieces.add([CallPiece.parse(queue?.shift())])
          }

          expect(pieces.calls.map((call) => call.function)).toEqual(
            calls.map(({ name, text }) => ({ name, arguments: text })),
          )
        },
      ),
    )
  })
})
