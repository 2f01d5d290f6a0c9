import { type Journal, listMemories, type MemoryRecord } from '@nanoagent/bus'
import { ageOf } from '../reading/moment.ts'
import type { Screen } from '../reading/read.ts'
import { countText } from '../reading/words.ts'
import { printEach } from '../screen/output.ts'
import { firstCharacters, oneLine, printableJsonLine } from '../screen/printable.ts'
import { type Column, tableLines } from '../screen/table.ts'
import type { MemoryFlags } from './command-line.ts'

/** Longest key that is shown whole at a terminal: those of fingerprints are longer. */
const MOST_KEY = 30

/** The key of a password's fingerprint. */
const IS_FINGERPRINT = /^given [0-9a-f]{64}$/

const COLUMNS: readonly Column[] = [
  { title: 'THREAD', paint: (paint, text) => paint('cyan', text) },
  { title: 'ROLE' },
  { title: 'AGE', align: 'right', spare: 1 },
  { title: 'KEY' },
  { title: 'VALUE' },
]

/** Lists what is remembered, the oldest first. */
export async function showMemories(
  journal: Pick<Journal, 'memory'>,
  flags: MemoryFlags,
  { output, paint, now }: Screen,
): Promise<void> {
  const { thread, role, text } = flags
  const query = {
    ...(thread === undefined ? {} : { thread }),
    ...(role === undefined ? {} : { role }),
    ...(text === undefined ? {} : { text }),
  }
  const { width } = output
  let count = 0
  async function* memories(): AsyncIterable<MemoryRecord> {
    for await (const memory of listMemories(journal, query)) {
      count++
      yield memory
    }
  }
  const rowOf = (memory: MemoryRecord) => [
    memory.thread ?? '',
    memory.role,
    ageOf(memory.at, now),
    keyText(memory, width !== undefined),
    valueText(memory),
  ]
  async function* rows(): AsyncIterable<readonly string[]> {
    const fingerprints = new Map<string, Fingerprints>()
    for await (const memory of memories()) {
      if (flags.all === true || !IS_FINGERPRINT.test(memory.key)) yield rowOf(memory)
      else countFingerprint(fingerprints, memory)
    }
    for (const { last, count } of fingerprints.values()) {
      const [thread = '', role = '', age = ''] = rowOf(last)
      yield [thread, role, age, 'given', countText(count, 'fingerprint')]
    }
  }
  async function* reports(): AsyncIterable<string> {
    for await (const memory of memories()) yield printableJsonLine(memoryReport(memory))
  }
  const lines = flags.json === true ? reports() : tableLines(COLUMNS, rows(), { paint, width })
  await printEach(output, lines)
  if (count > 0 || flags.json === true || output.closed.aborted) return
  output.notify(
    Object.keys(query).length === 0
      ? 'Nothing is remembered.'
      : 'Nothing such is remembered: ask for less to see others.',
  )
}

/** What an agent remembers of passwords that it gave, in one thread. */
interface Fingerprints {
  readonly last: MemoryRecord
  readonly count: number
}

function countFingerprint(counted: Map<string, Fingerprints>, last: MemoryRecord): void {
  const place = JSON.stringify([last.thread, last.role])
  counted.set(place, { last, count: (counted.get(place)?.count ?? 0) + 1 })
}

/** A memory as JSON has it. */
export function memoryReport({ thread, role, key, value, id, runId, at }: MemoryRecord): object {
  return { thread, role, key, value, id, runId, at }
}

function keyText({ key }: MemoryRecord, isCut: boolean): string {
  const shown = oneLine(key)
  const first = firstCharacters(shown, MOST_KEY)
  return isCut && first !== shown ? `${first}…` : shown
}

function valueText({ value }: MemoryRecord): string {
  return typeof value === 'string' ? oneLine(value) : printableJsonLine(value)
}
