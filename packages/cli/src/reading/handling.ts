import type { AttemptReading, GraphNode } from '@nanoagent/bus'
import { seconds } from '../report/seconds.ts'
import type { Paint } from '../screen/paint.ts'

/** How the handling of a message went. */
export type Handling = AttemptReading['outcome'] | 'end' | 'waiting'

/** What stands for it. */
export const MARKS: Readonly<Record<Handling, string>> = {
  done: '✓',
  failed: '✗',
  dead: '✗',
  cancelled: '⊘',
  open: '…',
  waiting: '…',
  end: '■',
}

/** How the handling of a message went; `end` where nobody handles it, since something ends with it. */
export function handlingOf({ attempts }: Pick<GraphNode, 'attempts'>, isEnd: boolean): Handling {
  return attempts.at(-1)?.outcome ?? (isEnd ? 'end' : 'waiting')
}

/** From the beginning of the first attempt to the end of the last; `undefined` where one of them is unknown. */
export function tookMs(attempts: readonly AttemptReading[]): number | undefined {
  const began = attempts.find(({ startedAt }) => startedAt !== undefined)?.startedAt
  const ended = attempts.at(-1)?.endedAt
  return began === undefined || ended === undefined ? undefined : ended - began
}

/** It as a mark, with how long it took and how often it was tried. */
export function handlingText(attempts: readonly AttemptReading[], handling: Handling): string {
  const took = tookMs(attempts)
  const often = attempts.length > 1 ? ` ×${attempts.length}` : ''
  return `${MARKS[handling]}${took === undefined ? '' : ` ${seconds(took)}`}${often}`
}

/** A text that begins with a mark in the mark's colour. */
export function inMarksColour(paint: Paint, text: string): string {
  const mark = text.trimStart().charAt(0)
  if (mark === MARKS.done || mark === MARKS.end) return paint('green', text)
  if (mark === MARKS.dead) return paint('red', text)
  return mark === '' ? text : paint('yellow', text)
}
