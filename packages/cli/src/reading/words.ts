import type { RunStatus, Usage } from '@nanoagent/bus'
import type { Paint } from '../screen/paint.ts'

/** A status as people read it. */
export function statusText(status: RunStatus | 'open'): string {
  return status.replaceAll('_', ' ')
}

/** A status or a verdict in its colour. */
export function inItsColour(paint: Paint, text: string): string {
  const word = text.trim()
  if (word === 'completed' || word === 'PASS') return paint('green', text)
  if (word === 'open') return paint('yellow', text)
  return word === '' ? text : paint('red', text)
}

/** A number as people read it. */
export function numberText(value: number): string {
  return value.toLocaleString('en-US')
}

/** How many of something, such as `1 request`, `2 requests`. */
export function countText(count: number, name: string, names: string = `${name}s`): string {
  return `${numberText(count)} ${count === 1 ? name : names}`
}

/** What was used, without what was not; empty where nothing was. */
export function usageText({ modelCalls, toolCalls, inputTokens, outputTokens }: Usage): string {
  const counts: readonly (readonly [number, string])[] = [
    [modelCalls, 'request'],
    [toolCalls, 'tool call'],
    [inputTokens + outputTokens, 'token'],
  ]
  return counts
    .filter(([count]) => count > 0)
    .map(([count, name]) => countText(count, name))
    .join(', ')
}
