import type { ModelDelta } from '@nanoagent/agents'
import { cellsOf, firstCells, lastCells } from '../screen/cells.ts'
import { oneLine } from '../screen/printable.ts'

/** What a model is doing for an agent. Times are those of one clock, in milliseconds. */
export interface Activity {
  readonly role: string
  readonly model: string
  readonly startedAt: number
  readonly doing: Doing
}

type Doing =
  | { readonly kind: 'waiting' }
  | Exclude<ModelDelta, { readonly kind: 'retry' }>
  | { readonly kind: 'retry'; readonly reason: string; readonly until: number }

// No terminal is as wide.
const KEPT = 2_000

/** Nobody wants to read of a wait that is over at once. */
const QUIET_MS = 1_000

/** What a model is doing once a further piece has come. */
export function advanced(activity: Activity, delta: ModelDelta, now: number): Activity {
  return { ...activity, doing: next(activity.doing, delta, now) }
}

function next(doing: Doing, delta: ModelDelta, now: number): Doing {
  if (delta.kind === 'retry') {
    return { kind: 'retry', reason: delta.reason, until: now + (delta.waitMs ?? 0) }
  }
  const isSame =
    delta.kind === 'tool_call'
      ? doing.kind === 'tool_call' && doing.index === delta.index
      : doing.kind === delta.kind
  const before = isSame && 'text' in doing ? doing.text : ''
  return { ...delta, text: (before + delta.text).slice(-KEPT) }
}

/** It as one line of at most so many cells; empty where there is nothing to tell yet. */
export function activityLine(activity: Activity, now: number, width: number): string {
  const { role, doing } = activity
  const line = (words: string, text = '') => {
    const head = firstCells(`  [${oneLine(role).toUpperCase()}] ${words}`, width)
    const left = width - cellsOf(head)
    const tail = oneLine(text)
    const isWhole = cellsOf(tail) <= left
    // What is left out at its beginning shows.
    if (isWhole || head.endsWith('… ')) return head + lastCells(tail, left)
    return head + firstCells(`…${lastCells(tail, left - 1)}`, left)
  }
  switch (doing.kind) {
    case 'waiting':
      return now - activity.startedAt < QUIET_MS ? '' : line(waiting(activity, now))
    case 'retry': {
      const { until } = doing
      const reason = oneLine(doing.reason)
      if (now < until) return line(`trying again in ${seconds(until - now)} s: ${reason}`)
      return line(`${waiting(activity, now)}; trying again: ${reason}`)
    }
    case 'text':
      return line('… ', doing.text)
    case 'reasoning':
      return line('thinking: … ', doing.text)
    case 'tool_call':
      return line(`… ${oneLine(doing.name)}(`, doing.text)
  }
}

function waiting({ model, startedAt }: Activity, now: number): string {
  return `waiting for ${oneLine(model)}, ${Math.floor((now - startedAt) / 1_000)} s`
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000)
}
