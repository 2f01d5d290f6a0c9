import type { Deltas } from './deltas.ts'
import { EventStream } from './event-stream.ts'
import type { Outcome } from './exchange.ts'
import { retryAfterMs } from './retry.ts'
import { faultIn } from './said-error.ts'

/** What a response is read with. */
export interface Listeners {
  /** Called for everything that comes, keep-alive comments included. */
  heard(): void
  /** Called once an answer is whole, though the stream may say more. */
  finished(): void
  readonly deltas: Deltas
}

/**
 * Reads a response to its end, as a stream or as one JSON completion, whatever was asked for: some
 * endpoints ignore `stream`, and some call a stream by another type. Rejects where the body breaks.
 */
export async function readResponse(response: Response, listeners: Listeners): Promise<Outcome> {
  const { status, headers } = response
  if (!response.ok) {
    const text = await textOf(response, listeners).catch(() => '')
    const body = headers.get('location') ?? text
    const asked = headers.get('x-should-retry')
    const shouldRetry = asked === 'true' || asked === 'false' ? asked === 'true' : undefined
    return {
      fault: { kind: 'status', status, body, retryAfterMs: retryAfterMs(headers), shouldRetry },
    }
  }
  const type = headers.get('content-type') ?? ''
  const events = new EventStream(listeners.deltas)
  const isCalledStream = /event-stream/i.test(type)
  let text = ''
  try {
    for await (const piece of pieces(response, listeners)) {
      if (events.hasBegun) events.feed(piece)
      else {
        text += piece
        if (isCalledStream && !looksWhole(text)) events.feed(text)
      }
      if (events.outcome !== undefined) return events.outcome
      if (events.isFinished) listeners.finished()
    }
  } catch (error) {
    if (!events.isFinished) throw error
  }
  if (!events.hasBegun) {
    if (looksWhole(text) || !/^\uFEFF?(data|event|id|retry)?:/m.test(text)) {
      return readWhole(text, /json/i.test(type))
    }
    events.feed(text)
  }
  return events.end()
}

/** Whether a body begins like JSON or a page, or has not begun. */
function looksWhole(text: string): boolean {
  return /^\s*(?:$|[{[<])/.test(text)
}

function readWhole(text: string, isCalledJson: boolean): Outcome {
  try {
    const answer: unknown = JSON.parse(text)
    const fault = faultIn(answer)
    return fault?.kind === 'status' ? { fault } : { answer }
  } catch {
    if (text.trim() === '') return { fault: { kind: 'torn' } }
    const isTorn = !/^\s*</.test(text) && (isCalledJson || looksWhole(text))
    return isTorn ? { fault: { kind: 'malformed' } } : { answer: text }
  }
}

async function textOf(response: Response, listeners: Listeners): Promise<string> {
  let text = ''
  for await (const piece of pieces(response, listeners)) text += piece
  return text
}

/** The text of a body as it comes; a character that is torn over two pieces is kept whole. */
async function* pieces({ body }: Response, { heard }: Listeners): AsyncGenerator<string> {
  // A status such as 304 allows no body.
  if (body === null) return
  const decoder = new TextDecoder()
  for await (const bytes of body) {
    heard()
    yield decoder.decode(bytes, { stream: true })
  }
  yield decoder.decode()
}
