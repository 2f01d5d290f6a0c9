import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createMemoryJournal,
  ImportError,
  type ImportOptions,
  type ImportReport,
  importRuns,
  type OpenExport,
} from '@nanoagent/bus'
import { UsageError } from '../errors.ts'
import { EXIT } from '../exit-status.ts'
import { unlessAborted } from '../interruption.ts'
import { openForReading, openForWriting, recordedPath } from '../journal-choice.ts'
import { countText } from '../reading/words.ts'
import { oneLine } from '../screen/printable.ts'
import type { ImportFlags, Keeping } from './command-line.ts'
import { fileError } from './file-errors.ts'
import type { KeepSettings } from './keep.ts'
import { givenPassphrase } from './passphrase.ts'
import { reportOn } from './report.ts'
import { transferProgress } from './transfer-progress.ts'

type Import = Extract<Keeping, { readonly name: 'import' }>

/** Stores the runs of a file, or of standard input, in the journal; gives the exit status. */
export async function importFrom(keeping: Import, settings: KeepSettings): Promise<number> {
  try {
    return await importOnce(keeping, settings)
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    const name = keeping.file === '-' ? 'standard input' : oneLine(keeping.file)
    const says = error.message.replace(': skip what it knows,', ': add --skip-known,')
    throw new UsageError(`${name}: ${says}`, { cause: error })
  }
}

async function importOnce({ file, flags }: Import, settings: KeepSettings): Promise<number> {
  const { output, interruption } = settings
  const path = recordedPath(flags, settings.env)
  await using source = await (file === '-'
    ? spooled(process.stdin, interruption.signal)
    : openable(file))
  const options = optionsFor(flags, settings)
  const isNew = !existsSync(path)
  if (isNew || flags.dryRun === true) {
    // A file that is refused makes no journal.
    await using journal = isNew
      ? createMemoryJournal()
      : await openForReading({ ...settings, flags })
    const report = await importRuns(journal, source.open, { ...options, isDryRun: true })
    if (flags.dryRun === true) return show(report, 'Would import', flags, settings)
  }
  await using journal = await openForWriting({ ...settings, flags })
  const report = await importRuns(journal, source.open, options)
  output.hint('')
  return show(report, 'Imported', flags, settings)
}

const FINGERPRINTS =
  'Passwords that these runs gave may be given again, unless they come from a journal with the same key.'

function show(
  report: ImportReport,
  did: string,
  flags: ImportFlags,
  { output }: KeepSettings,
): number {
  const { runs, records, open, known } = report
  const counts = `${countText(runs, 'run')} with ${countText(records, 'record')}`
  const left = open === 0 ? '' : ` ${open} can go on: nanoagent resume --all.`
  const skipped =
    known === 0 ? '' : ` ${countText(known, 'run')} of it ${known === 1 ? 'was' : 'were'} known.`
  const lines = [`${did} ${counts}.${skipped}${left}`]
  reportOn(output, flags, report, report.fingerprints === 0 ? lines : [...lines, FINGERPRINTS])
  return EXIT.pass
}

function optionsFor(flags: ImportFlags, settings: KeepSettings): ImportOptions {
  const { output, interruption } = settings
  const checking = transferProgress('Checking', output)
  const storing = transferProgress('Importing', output)
  let passphrase: Promise<string> | undefined
  return {
    isWithoutSecrets: flags.withoutSecrets === true,
    skipsKnown: flags.skipKnown === true,
    passphrase() {
      passphrase ??= givenPassphrase(settings)
      return passphrase
    },
    onRun(step, report) {
      // What is being stored is stored to its end.
      if (step === 'checked') interruption.signal.throwIfAborted()
      const tell = step === 'checked' ? checking : storing
      tell(report)
    },
  }
}

/** Something that can be read from its beginning more than once. */
interface Source extends AsyncDisposable {
  readonly open: OpenExport
}

async function openable(path: string): Promise<Source> {
  return {
    open: () => bytesOf(path, path),
    async [Symbol.asyncDispose]() {},
  }
}

async function* interrupted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  for (;;) {
    const next = await unlessAborted(iterator.next(), signal)
    if (next.done === true) return
    yield next.value
  }
}

/** Keeps a stream in a file of its own, which is the user's alone. */
async function spooled(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Source> {
  const folder = await mkdtemp(join(tmpdir(), 'nanoagent-'))
  const path = join(folder, 'import.jsonl')
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await using file = await open(path, 'wx', 0o600)
    for await (const piece of interrupted(stream, signal)) await file.writeFile(piece)
  } catch (error) {
    await remove()
    throw fileError(path, 'cannot be written', error, 'make room there, or name the file itself')
  }
  return { open: () => bytesOf(path, 'standard input'), [Symbol.asyncDispose]: remove }
}

async function* bytesOf(path: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path)
  } catch (error) {
    throw fileError(name, 'cannot be read', error, 'name a file of nanoagent export')
  }
}
