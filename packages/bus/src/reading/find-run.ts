import { AmbiguousRunError, UnknownRunError } from '../errors.ts'
import type { JournalReader } from '../journal.ts'

/** Runs that an error names. */
const MOST_NAMED = 3

const NEWEST = /^last(?:~(\d{1,9}))?$/

/**
 * The id of the run that is meant by its id, by a beginning of it that no other has, by `last`, which is
 * the newest, or by `last~N`, the N-th before that. Rejects with an `UnknownRunError` or an
 * `AmbiguousRunError`.
 */
export async function findRun(journal: JournalReader, ref: string): Promise<string> {
  const newest = NEWEST.exec(ref)
  if (newest !== null) return nthNewest(journal, ref, Number(newest[1] ?? 0))
  if (!/^[\w-]+$/.test(ref)) throw new UnknownRunError(ref)
  const candidates: string[] = []
  for await (const { runId } of journal.runs({ idPrefix: ref })) {
    if (runId === ref) return ref
    // Another run may have exactly this id, and it is cheap to ask for it.
    if (candidates.push(runId) > MOST_NAMED) break
  }
  const [only, ...others] = candidates
  if (only === undefined) throw new UnknownRunError(ref)
  if (others.length === 0) return only
  if (await isRun(journal, ref)) return ref
  throw new AmbiguousRunError(ref, candidates)
}

/**
 * The shortest beginning of a run's id, of at least so many characters, by which `findRun` finds it.
 * Default 8.
 */
export async function shortestRef(
  journal: JournalReader,
  runId: string,
  least = 8,
): Promise<string> {
  for (let length = least; length < runId.length; length++) {
    const beginning = runId.slice(0, length)
    if (await isAlone(journal, runId, beginning)) return beginning
  }
  return runId
}

async function isAlone(journal: JournalReader, runId: string, idPrefix: string): Promise<boolean> {
  for await (const entry of journal.runs({ idPrefix })) if (entry.runId !== runId) return false
  return true
}

async function nthNewest(journal: JournalReader, ref: string, n: number): Promise<string> {
  let count = 0
  for await (const { runId } of journal.runs()) if (count++ === n) return runId
  const few = count === 0 ? 'there is none in it' : `the oldest is 'last~${count - 1}'`
  throw new UnknownRunError(ref, few)
}

async function isRun(journal: JournalReader, runId: string): Promise<boolean> {
  for await (const _record of journal.read({ runId })) return true
  return false
}
