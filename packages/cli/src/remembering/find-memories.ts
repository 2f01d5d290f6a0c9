import type { Journal, MemoryQuery, MemoryRecord } from '@nanoagent/bus'
import { UsageError } from '../errors.ts'
import { oneLine } from '../screen/printable.ts'
import type { MemoryFlags } from './command-line.ts'

/**
 * What a key or an id means, within the thread and the role that the options name; without one, all that
 * these have. Throws a `UsageError` where nothing such is remembered.
 */
export async function findMemories(
  { memory }: Pick<Journal, 'memory'>,
  ref: string | undefined,
  { thread, role }: MemoryFlags,
): Promise<{ readonly query: MemoryQuery; readonly found: readonly MemoryRecord[] }> {
  const named = ref === undefined ? undefined : await memory.read(ref)
  const query = {
    ...(thread === undefined ? {} : { thread }),
    ...(role === undefined ? {} : { role }),
    ...(ref === undefined ? {} : (placeOf(named) ?? { key: ref })),
  }
  const found = await Array.fromAsync(memory.list(query))
  if (found.length > 0) return { query, found }
  const where = [
    ...(ref === undefined ? [] : [`as '${oneLine(ref)}'`]),
    ...(thread === undefined ? [] : [`in thread '${oneLine(thread)}'`]),
    ...(role === undefined ? [] : [`by '${oneLine(role)}'`]),
  ]
  throw new UsageError(`nothing is remembered ${where.join(' ')}: see nanoagent memory list`)
}

/** The thread, role and key of a memory. */
function placeOf(named: MemoryRecord | undefined): Required<MemoryQuery> | undefined {
  if (named?.thread === undefined) return undefined
  const { thread, role, key } = named
  return { thread, role, key }
}
