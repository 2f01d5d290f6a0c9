import { type Journal, listMemories, type MemoryRecord } from '@nanoagent/bus'
import { ageOf } from '../reading/moment.ts'
import type { Screen } from '../reading/read.ts'
import { printEach } from '../screen/output.ts'
import { firstCharacters, oneLine, printableJsonLine } from '../screen/printable.ts'
import { type Column, tableLines } from '../screen/table.ts'
import type { MemoryFlags } from './command-line.ts'

/** Longest key that is shown whole at a terminal: those of fingerprints are longer. */
const MOST_KEY = 30

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
  async function* listed<T>(made: (memory: MemoryRecord) => T): AsyncIterable<T> {
    for await (const memory of listMemories(journal, query)) {
      count++
      yield made(memory)
    }
  }
  const rowOf = (memory: MemoryRecord) => [
    memory.thread ?? '',
    memory.role,
    ageOf(memory.at, now),
    keyText(memory, width !== undefined),
    valueText(memory),
  ]
  const lines =
    flags.json === true
      ? listed((memory) => printableJsonLine(memoryReport(memory)))
      : tableLines(COLUMNS, listed(rowOf), { paint, width })
  await printEach(output, lines)
  if (count > 0 || flags.json === true || output.closed.aborted) return
  output.notify(
    Object.keys(query).length === 0
      ? 'Nothing is remembered.'
      : 'Nothing such is remembered: ask for less to see others.',
  )
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
