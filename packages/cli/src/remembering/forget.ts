import { type Journal, type MemoryRecord, type QuotingRun, runsQuoting } from '@nanoagent/bus'
import { isConfirmed } from '../confirm.ts'
import type { Screen } from '../reading/read.ts'
import { countText } from '../reading/words.ts'
import { printAll } from '../screen/output.ts'
import { oneLine, printableJson } from '../screen/printable.ts'
import type { Remembering } from './command-line.ts'
import { findMemories } from './find-memories.ts'

/** Keys that are named before somebody is asked. */
const MOST_NAMED = 10

/** Erases what is remembered, once that is confirmed, and says which model requests still quote it. */
export async function forget(
  journal: Journal,
  { memory: ref, flags }: Extract<Remembering, { readonly name: 'forget' }>,
  { output, signal }: Screen & { readonly signal: AbortSignal },
): Promise<void> {
  const { query, found } = await findMemories(journal, ref, flags)
  if (flags.yes !== true) {
    for (const line of namesOf(found)) output.notify(line)
    const question = `Forget ${countText(found.length, 'memory', 'memories')} for good? [y/N] `
    if (
      !(await isConfirmed(question, signal, 'add --yes to forget, or see nanoagent memory list'))
    ) {
      output.notify('Nothing was forgotten.')
      return
    }
  }
  const forgotten = await journal.memory.forget(query)
  const quoting = await runsQuoting(journal, forgotten)
  if (flags.json === true) {
    const memories = forgotten.map(({ thread, role, key, id }) => ({ thread, role, key, id }))
    output.print(printableJson({ forgotten: memories, quotedBy: quoting }))
  } else printAll(output, [...forgottenLines(found, forgotten), ...quotingLines(quoting)])
}

function namesOf(found: readonly MemoryRecord[]): readonly string[] {
  const named = found
    .slice(0, MOST_NAMED)
    .map(({ thread = '', role, key }) => `${oneLine(thread)}, ${oneLine(role)}: ${oneLine(key)}`)
  const more = found.length - named.length
  return more === 0 ? named : [...named, `and ${more} more`]
}

function forgottenLines(
  found: readonly MemoryRecord[],
  forgotten: readonly MemoryRecord[],
): readonly string[] {
  const earlier = Math.max(0, forgotten.length - found.length)
  const count = countText(forgotten.length - earlier, 'memory', 'memories')
  const more = earlier === 0 ? '' : `, and ${countText(earlier, 'earlier value')}`
  return [`Forgot ${count}${more}.`]
}

function quotingLines(quoting: readonly QuotingRun[]): readonly string[] {
  if (quoting.length === 0) return ['No model request of these threads quotes it.']
  return [
    `Model requests of ${countText(quoting.length, 'run')} quote it, until these are pruned:`,
    ...quoting.map(({ runId, requests }) => `  ${runId}  ${countText(requests, 'request')}`),
  ]
}
