import type { Journal, MemoryRecord } from '@nanoagent/bus'
import { ageOf, timeText } from '../reading/moment.ts'
import type { Screen } from '../reading/read.ts'
import { factLines } from '../reading/run-lines.ts'
import { dataLines } from '../screen/data-lines.ts'
import { printAll } from '../screen/output.ts'
import { oneLine, printableJsonLine } from '../screen/printable.ts'
import type { Remembering } from './command-line.ts'
import { findMemories } from './find-memories.ts'
import { memoryReport } from './list.ts'

/** Shows what is remembered under a key, in every thread and by every role that is not ruled out. */
export async function showMemory(
  journal: Pick<Journal, 'memory'>,
  { memory: ref, flags }: Extract<Remembering, { readonly name: 'show' }>,
  { output, paint, now }: Screen,
): Promise<void> {
  const { found } = await findMemories(journal, ref, flags)
  if (flags.json === true) {
    printAll(
      output,
      found.map((memory) => printableJsonLine(memoryReport(memory))),
    )
    return
  }
  const blocks = found.map((memory) => [
    paint('bold', `memory '${oneLine(memory.key)}'`),
    ...factsOf(memory, now),
    '  value',
    ...dataLines(memory.value, '    '),
  ])
  printAll(
    output,
    blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
  )
}

function factsOf({ thread, role, at, messageId, id }: MemoryRecord, now: number) {
  return factLines([
    ['thread', thread],
    ['role', role],
    ['written', `${timeText(at)}, ${ageOf(at, now)} ago`],
    ['handling', messageId],
    ['id', id],
  ])
}
