import type { PruneQuery } from '@nanoagent/bus/sqlite'
import { isConfirmed } from '../confirm.ts'
import { UsageError } from '../errors.ts'
import { EXIT } from '../exit-status.ts'
import { displayPath, openForChanging } from '../journal-choice.ts'
import { countText } from '../reading/words.ts'
import type { PruneFlags } from './command-line.ts'
import type { KeepSettings } from './keep.ts'
import { reportOn } from './report.ts'

/** Deletes runs that have ended, once that is confirmed; gives the exit status. */
export async function prune(flags: PruneFlags, settings: KeepSettings): Promise<number> {
  const { output, interruption } = settings
  await using journal = await openForChanging({ ...settings, flags })
  const query = queryOf(flags)
  const found = await journal.prune({ ...query, isDryRun: true })
  const counts = `${countText(found.runIds.length, 'run')} with ${countText(found.records, 'record')}`
  if (flags.dryRun === true) {
    reportOn(output, flags, { ...found, isDryRun: true }, [
      `Would delete ${counts}.`,
      ...found.runIds.map((runId) => `  ${runId}`),
    ])
    return EXIT.pass
  }
  if (found.runIds.length === 0) {
    reportOn(output, flags, found, ['No such run has ended: nothing was deleted.'])
    return EXIT.pass
  }
  const question = `Delete ${counts} from ${displayPath(journal.path)}? [y/N] `
  if (flags.yes !== true && !(await isConfirmed(question, interruption.signal, WAY_OUT))) {
    output.notify('Nothing was deleted.')
    return EXIT.pass
  }
  // Those that were counted: others may have ended meanwhile.
  const report = await journal.prune({ runIds: found.runIds })
  const freed = report.freedBytes > 0 ? ` The file is ${megabytes(report.freedBytes)} smaller.` : ''
  const deleted = `${countText(report.runIds.length, 'run')} with ${countText(report.records, 'record')}`
  reportOn(output, flags, report, [`Deleted ${deleted}.${freed}`])
  return EXIT.pass
}

const WAY_OUT = 'add --yes to delete, or --dry-run to look'

function queryOf({ olderThan, keep, status }: PruneFlags): PruneQuery {
  const ended = status?.filter((one) => one !== 'open')
  if (ended?.length !== status?.length) {
    throw new UsageError('an open run is not pruned: finish it with nanoagent resume first')
  }
  return {
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
    ...(keep === undefined ? {} : { keep }),
    ...(ended === undefined ? {} : { status: ended }),
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
