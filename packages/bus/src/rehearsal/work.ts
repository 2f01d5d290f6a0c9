import type { FanOutRecord, MemoryRecord } from '../records.ts'
import { type FieldDifference, fieldDifferences, type ReplayedEnd } from '../replay/divergence.ts'
import { endOf, essence, shownMessage } from '../replay/outcome.ts'
import type { RecordedAttempt, RecordedRun } from '../replay/recorded-run.ts'
import type { Rehearsal } from './rehearsal.ts'

/** What an attempt has done, or would do: what a rehearsal is held against. */
export type Work = Pick<Rehearsal, 'end' | 'messages' | 'fanOut' | 'memories'>

/** What a recorded attempt has done. */
export function recordedWork(
  { settlement, memories }: RecordedAttempt,
  run: Pick<RecordedRun, 'published'>,
): Work {
  const { published, fanOut = null } = settlement
  const messages = published
    .map((id) => run.published(id))
    .filter((message) => message !== undefined)
  return { end: endOf(settlement), messages: messages.map(shownMessage), fanOut, memories }
}

/**
 * What differs of what is published and remembered, and of whether it succeeds. Human lines and ids do not
 * count. Paths begin with `message`, with `messages.0` and so on where there are several, with `fanOut`,
 * `memory`, or are `end`.
 */
export function workDifferences(
  expected: Work,
  actual: Work,
  runId: string,
): readonly FieldDifference[] {
  const forgotten = new Set(
    expected.memories.filter(({ value }) => value === undefined).map(({ key }) => key),
  )
  return fieldDifferences(shown(expected, forgotten), shown(actual, forgotten), runId)
}

/** Whether both fail, and for the same reason. */
export function failsAlike(expected: ReplayedEnd, actual: ReplayedEnd, runId: string): boolean {
  if (expected.outcome === 'done' || actual.outcome === 'done') return false
  return fieldDifferences(essence(expected), essence(actual), runId).length === 0
}

interface Shown {
  readonly end: ReplayedEnd['outcome']
  readonly message?: unknown
  readonly messages?: readonly unknown[]
  readonly fanOut?: FanOutRecord
  readonly memory?: Readonly<Record<string, unknown>>
}

function shown({ end, messages, fanOut, memories }: Work, forgotten: ReadonlySet<string>): Shown {
  const published = messages.map(({ to, type, data, metadata }) => ({ to, type, data, metadata }))
  const [message] = published
  const isOne = published.length === 1 && fanOut === null
  return {
    end: end.outcome,
    ...(isOne ? { message } : {}),
    ...(isOne || message === undefined ? {} : { messages: published }),
    ...(fanOut === null ? {} : { fanOut }),
    ...(memories.length === 0 ? {} : { memory: byKey(memories, forgotten) }),
  }
}

/** Of what is forgotten nobody knows the value. */
function byKey(
  memories: readonly Pick<MemoryRecord, 'key' | 'value'>[],
  forgotten: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    memories.map(({ key, value }) => [key, forgotten.has(key) ? null : value]),
  )
}
