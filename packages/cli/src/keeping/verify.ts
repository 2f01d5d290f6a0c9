import { EXIT } from '../exit-status.ts'
import { displayPath, requireRecorded } from '../journal-choice.ts'
import type { ReadFlags } from '../reading/command-line.ts'
import { countText } from '../reading/words.ts'
import { oneLine } from '../screen/printable.ts'
import type { KeepSettings } from './keep.ts'
import { reportOn } from './report.ts'

/** Checks that the journal is whole; gives the exit status. */
export async function verify(flags: ReadFlags, settings: KeepSettings): Promise<number> {
  const path = requireRecorded(flags, settings.env)
  const { verifyJournal } = await import('@nanoagent/bus/sqlite')
  const report = await verifyJournal(path)
  const { problems, runs, records } = report
  const counts = `${countText(runs, 'run')}, ${countText(records, 'record')}`
  const found = problems.length === 0 ? 'is whole' : `has ${countText(problems.length, 'problem')}`
  reportOn(settings.output, flags, report, [
    `${displayPath(path)} ${found}: ${counts}.`,
    ...problems.map((problem) => `  ${oneLine(problem)}`),
  ])
  return problems.length === 0 ? EXIT.pass : EXIT.failed
}
