import { printEach } from '../screen/output.ts'
import { printableJsonLine } from '../screen/printable.ts'
import { type Column, tableLines } from '../screen/table.ts'
import type { FilterFlags } from './command-line.ts'
import { nothingFound } from './filters.ts'
import type { Screen } from './read.ts'

/** Something that is listed, one line for each. */
export interface Listing<Item> {
  /** What they are, such as `runs`. */
  readonly what: string
  /** The newest first. */
  readonly items: AsyncIterable<Item>
  readonly columns: readonly Column[]
  /** The texts of its columns. */
  rowOf(item: Item): Promise<readonly string[]>
}

/**
 * Lists as many as the options allow while they are read, as a table or with `--json` as a line of JSON
 * each. Says on standard error where there are more of a table, or none.
 */
export async function showListing<Item>(
  { what, items, columns, rowOf }: Listing<Item>,
  flags: FilterFlags,
  { output, paint }: Screen,
): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY } = flags
  let count = 0
  let hasMore = false
  async function* listed<T>(made: (item: Item) => T | Promise<T>): AsyncIterable<T> {
    for await (const item of items) {
      hasMore = count === limit
      if (hasMore) return
      count++
      yield made(item)
    }
  }
  if (flags.json === true) {
    await printEach(output, listed(printableJsonLine))
    return
  }
  await printEach(output, tableLines(columns, listed(rowOf), { paint, width: output.width }))
  if (output.closed.aborted) return
  if (count === 0) output.notify(nothingFound(what, flags))
  if (hasMore) output.notify(`There are more ${what}: --limit ${2 * limit} shows older ones.`)
}
