import {
  BusError,
  type ExportedRun,
  ImportError,
  type JournalMemory,
  type MemoryRecord,
  readExport,
  type SecretsOptions,
} from '@nanoagent/bus'
import type { RunsFile } from './run-files.ts'

/** A run of a file, read. */
export interface RecordedRun extends ExportedRun {
  /** The name of the file. */
  readonly file: string
  /** Its number among all that were read, from 0. */
  readonly place: number
  /** What earlier runs of the file have remembered. */
  readonly memory: Pick<JournalMemory, 'read'>
}

/** A file that cannot be read further. */
export interface BrokenFile {
  readonly file: string
  readonly place: number
  readonly status: 'unreadable'
  /** Absent where it is no single one. */
  readonly line?: number
  readonly reason: string
}

/** The runs of files, one after the other; of one that is broken those before that, and what is wrong. */
export async function* recordedRuns(
  files: Iterable<RunsFile> | AsyncIterable<RunsFile>,
  secrets: SecretsOptions,
): AsyncGenerator<RecordedRun | BrokenFile> {
  let place = 0
  for await (const { name: file, open } of files) {
    const memories = new Map<string, MemoryRecord>()
    const memory = { read: async (id: string) => memories.get(id) }
    try {
      for await (const run of readExport(open, secrets)) {
        for (const record of run.records) {
          // What is in no thread no other run can read.
          const isShared = record.kind === 'memory' && record.value !== undefined
          if (isShared && isInThread(run)) memories.set(record.id, record)
        }
        yield { ...run, file, place: place++, memory }
      }
    } catch (error) {
      yield { file, place: place++, ...brokenBy(error) }
    }
  }
}

function isInThread({ records: [opening] }: ExportedRun): boolean {
  return opening?.kind === 'run.opened' && opening.thread !== undefined
}

/** What is wrong with a file; throws what is no fault of it. */
function brokenBy(error: unknown): Pick<BrokenFile, 'status' | 'line' | 'reason'> {
  if (error instanceof ImportError) {
    const { line, problem: reason } = error
    return { status: 'unreadable', ...(line === undefined ? {} : { line }), reason }
  }
  const isOfFile = error instanceof Error && (error instanceof BusError || 'syscall' in error)
  if (isOfFile) return { status: 'unreadable', reason: error.message }
  throw error
}
