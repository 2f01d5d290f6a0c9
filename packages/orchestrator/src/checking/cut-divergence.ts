import { type FieldDifference, Secret } from '@nanoagent/bus'
import type { ReplayDivergence } from '../replay.ts'

/** Most characters of one text. */
const MOST_OF_TEXT = 500

/** Most characters of all texts and names in one field of what was expected, and of what came. */
const MOST_OF_FIELD = 1_000

/** Most fields that differ. */
const MOST_FIELDS = 20

/** Characters that are the same which are kept before a difference. */
const SAME_BEFORE = 40

/** Where two texts are shown from: a little before the place where they begin to differ. */
export function shownFrom(before: string, after: string): number {
  let same = 0
  while (same < before.length && before[same] === after[same]) same++
  return same > 2 * SAME_BEFORE ? same - SAME_BEFORE : 0
}

/** So much of a text, from there on; `…` stands for what is left out. */
export function cutText(text: string, from: number, most: number): string {
  const end = from + most
  return `${from > 0 ? '…' : ''}${text.slice(from, end)}${text.length > end ? '…' : ''}`
}

/** The divergence with its long parts cut: texts to where they differ, the rest to its beginning. */
export function cutDivergence<One extends ReplayDivergence>(divergence: One): One {
  const { expected, actual, differences } = divergence
  return {
    ...divergence,
    expected: cutFields(expected, actual),
    actual: cutFields(actual, expected),
    differences: differences.slice(0, MOST_FIELDS).map(cutDifference),
  }
}

function cutDifference(difference: FieldDifference): FieldDifference {
  const { path, before, after } = difference
  return {
    ...difference,
    path: cutText(path, 0, MOST_OF_TEXT),
    before: cutData(before, after, { left: MOST_OF_FIELD }),
    after: cutData(after, before, { left: MOST_OF_FIELD }),
  }
}

/** The fields are few, and each has its own room. */
function cutFields<Data>(data: Data, other: unknown): Data
function cutFields(data: unknown, other: unknown): unknown {
  if (!isObject(data)) return data
  const others = new Map(isObject(other) ? Object.entries(other) : [])
  return Object.fromEntries(
    Object.entries(data).map(([name, part]) => [
      name,
      cutData(part, others.get(name), { left: MOST_OF_FIELD }),
    ]),
  )
}

/** As much of the data as there is room for: what comes after that is left out. */
function cutData(data: unknown, other: unknown, room: { left: number }): unknown {
  if (typeof data === 'string') {
    const from = typeof other === 'string' ? shownFrom(data, other) : 0
    const text = cutText(data, from, Math.max(0, Math.min(MOST_OF_TEXT, room.left)))
    room.left -= text.length
    return text
  }
  room.left--
  if (Array.isArray(data)) {
    const others: readonly unknown[] = Array.isArray(other) ? other : []
    const kept: unknown[] = []
    for (const [index, part] of data.entries()) {
      if (room.left <= 0) break
      kept.push(cutData(part, others[index], room))
    }
    return kept
  }
  if (!isObject(data)) return data
  const others = new Map(isObject(other) ? Object.entries(other) : [])
  const kept: [string, unknown][] = []
  for (const [name, part] of Object.entries(data)) {
    room.left -= name.length
    if (room.left <= 0) break
    kept.push([name, cutData(part, others.get(name), room)])
  }
  return Object.fromEntries(kept)
}

function isObject(data: unknown): data is object {
  return (
    typeof data === 'object' && data !== null && !Array.isArray(data) && !(data instanceof Secret)
  )
}
