import { BusError, NotExportableError, UnknownRunError } from '../errors.ts'
import type { Journal, JournalMemory } from '../journal.ts'
import { RunCheck } from '../journals/run-check.ts'
import { type Runtime, systemRuntime } from '../runtime.ts'
import type { Secret } from '../secret.ts'
import { EXPORT_VERSION, type Header } from './format.ts'
import { MemoriesNeeded } from './needed-runs.ts'
import { costsAsMuch, newSealing, type SealingKey, saltOf } from './passphrase.ts'
import { type OpenExport, sealingOf } from './read-export.ts'
import { type Seal, toWritten } from './written-data.ts'

/** How runs are exported. */
export interface ExportOptions {
  /** Seals the values of secrets. Default: only their handles are written. */
  readonly passphrase?: string
  /**
   * An export that this one takes the place of: where a passphrase has opened that, the same opens this one
   * without a key being derived again.
   */
  readonly replaces?: OpenExport
  /** Is told after each run. */
  readonly onRun?: (progress: ExportProgress) => void
  readonly runtime?: Pick<Runtime, 'now'>
}

/** Where exported runs come from. With its memory, exports share the salt that is made of its key. */
export type ExportSource = Pick<Journal, 'read'> & {
  readonly memory?: Pick<JournalMemory, 'fingerprint'>
}

/** How far an export is. */
export interface ExportProgress {
  readonly runs: number
  readonly records: number
  /** Secrets that were to be sealed, and of which only the handle is written: they have no value here. */
  readonly withoutValue: number
}

/** What was exported, and what a replay of it lacks. */
export interface ExportReport extends ExportProgress {
  /**
   * Ids of other runs whose memories exported ones have read, directly or through each other, the oldest
   * first. Without these before them in the same file they cannot be replayed from it where they have read.
   */
  readonly neededRuns: readonly string[]
  /** Memories that exported runs have read and no run of the journal has any more. */
  readonly lostMemories: number
}

/**
 * Writes runs as lines of JSON: one that says how, the records of each run in their order, one that
 * counts them. `write` gets a line with its line break and is waited for. Memories and threads are in the
 * records; numbers of records are not written, since another journal gives its own. What other runs of the
 * thread have remembered is in their records alone: `neededRuns` names them. Rejects with an
 * `UnknownRunError` when it comes to a run that the journal does not know, and with a `NotExportableError` for
 * one whose records cannot follow from each other.
 */
export async function exportRuns(
  journal: ExportSource,
  runIds: Iterable<string> | AsyncIterable<string>,
  write: (line: string) => unknown,
  options: ExportOptions = {},
): Promise<ExportReport> {
  const { passphrase, onRun, runtime = systemRuntime } = options
  const sealed =
    passphrase === undefined
      ? undefined
      : await newSealing(passphrase, await saltFor(journal, options))
  const header: Header = {
    nanoagent: 'export',
    version: EXPORT_VERSION,
    at: runtime.now(),
    secrets: sealed?.sealing ?? null,
  }
  await write(lineOf(header))
  let runs = 0
  let records = 0
  let withoutValue = 0
  // A secret is in many records of its run.
  const missing = new Set<string>()
  const seal: Seal = (secret) => {
    if (sealed !== undefined && !secret.hasValue) missing.add(secret.handle)
    return sealWith(sealed?.key, secret)
  }
  const memories = new MemoriesNeeded()
  for await (const runId of runIds) {
    const before = records
    const check = new RunCheck(runId)
    for await (const stored of journal.read({ runId })) {
      const { seq: _, ...record } = stored
      const problem = check.problemOf(stored)
      if (problem !== undefined) {
        throw new NotExportableError(runId, `record ${stored.seq} is damaged: ${problem}`)
      }
      records++
      memories.add(stored)
      await write(lineOf(toWritten(record, seal)))
    }
    if (records === before) throw new UnknownRunError(runId)
    runs++
    withoutValue += missing.size
    missing.clear()
    onRun?.({ runs, records, withoutValue })
  }
  await write(lineOf({ end: { runs, records } }))
  const { needed: neededRuns, lost: lostMemories } = await memories.result(journal)
  return { runs, records, withoutValue, neededRuns, lostMemories }
}

/** What is named by the key of a journal to make a salt, which nobody else has. */
const SALTED = 'nanoagent export'

/** Other journals have other salts, and so has a journal that has no key here. */
async function saltFor({ memory }: ExportSource, { replaces }: ExportOptions): Promise<string> {
  const before = replaces === undefined ? null : await sealingOf(replaces)
  if (before !== null && costsAsMuch(before)) return before.salt
  try {
    const name = memory?.fingerprint(SALTED)
    return name === undefined ? saltOf() : saltOf(Buffer.from(name, 'hex'))
  } catch (error) {
    if (error instanceof BusError) return saltOf()
    throw error
  }
}

function sealWith(key: SealingKey | undefined, secret: Secret): string | undefined {
  // As JSON, which keeps every text as it is.
  return secret.hasValue ? key?.seal(JSON.stringify(secret.reveal()), secret.handle) : undefined
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
