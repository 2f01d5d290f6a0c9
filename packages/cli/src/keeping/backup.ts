import { statSync } from 'node:fs'
import { EXIT } from '../exit-status.ts'
import { displayPath, openForReading } from '../journal-choice.ts'
import type { Keeping } from './command-line.ts'
import type { KeepSettings } from './keep.ts'
import { reportOn } from './report.ts'

type Backup = Extract<Keeping, { readonly name: 'backup' }>

/** Copies the journal into a new file; gives the exit status. */
export async function backup({ file, flags }: Backup, settings: KeepSettings): Promise<number> {
  await using journal = await openForReading({ ...settings, flags })
  await journal.backup(file)
  const { size } = statSync(file)
  reportOn(settings.output, flags, { path: file, bytes: size }, [
    `Copied ${displayPath(journal.path)} to ${file} (${(size / 1e6).toFixed(1)} MB). ` +
      'Its secrets open with the key of the journal alone.',
  ])
  return EXIT.pass
}
