import { EXIT } from '../exit-status.ts'
import { displayPath, openForReading } from '../journal-choice.ts'
import type { ReadFlags } from '../reading/command-line.ts'
import { countText } from '../reading/words.ts'
import { oneLine } from '../screen/printable.ts'
import type { KeepSettings } from './keep.ts'
import { reportOn } from './report.ts'

/** Checks that the journal is whole; gives the exit status. */
export async function verify(flags: ReadFlags, settings: KeepSettings): Promise<number> {
  await using journal = await openForReading({ ...settings, flags })
  const report = await journal.verify()
  const { problems, runs, records } = report
  const counts = `${countText(runs, 'run')}, ${countText(records, 'record')}`
  const found = problems.length === 0 ? 'is whole' : `has ${countText(problems.length, 'problem')}`
  reportOn(settings.output, flags, report, [
    `${displayPath(journal.path)} ${found}: ${counts}.`,
    ...problems.map((problem) => `  ${oneLine(problem)}`),
  ])
  return problems.length === 0 ? EXIT.pass : EXIT.failed
}
