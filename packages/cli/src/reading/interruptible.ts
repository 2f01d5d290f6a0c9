import type { JournalReader } from '@nanoagent/bus'

/** How long is read in one turn of the process. */
const TURN_MS = 20

/**
 * The same journal, whose reading lets the process have its turns, so that it hears of signals, and
 * throws the signal's reason once that aborts.
 */
export function interruptible(journal: JournalReader, signal: AbortSignal): JournalReader {
  let turnBegan = performance.now()
  async function* inTurns<T>(items: AsyncIterable<T>): AsyncIterable<T> {
    for await (const item of items) {
      if (performance.now() - turnBegan > TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve))
        turnBegan = performance.now()
      }
      signal.throwIfAborted()
      yield item
    }
  }
  return {
    read: (query) => inTurns(journal.read(query)),
    runs: (query) => inTurns(journal.runs(query)),
  }
}
