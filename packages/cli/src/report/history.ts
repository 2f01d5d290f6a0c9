import type { Message } from '@nanoagent/bus'
import type { Paint } from '../screen/paint.ts'
import { firstCharacters, oneLine } from '../screen/printable.ts'

/** The handoffs, a line each: who to whom, and the first 100 characters. */
export function historyLines(
  history: readonly Pick<Message, 'from' | 'to' | 'content'>[],
  paint: Paint,
): readonly string[] {
  if (history.length === 0) return ['  (none)']
  return history.map(({ from, to, content }) => {
    const route = paint('cyan', `[${oneLine(from)} → ${oneLine(to)}]`)
    return `  ${route}: ${firstCharacters(oneLine(content), 100)}`
  })
}
