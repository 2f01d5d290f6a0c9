import { describeDivergence } from '@nanoagent/bus'
import { type CheckedRun, describeWhy } from '@nanoagent/orchestrator'
import { countText } from '../reading/words.ts'
import { placeText } from '../replaying/divergence-lines.ts'
import { seconds } from '../report/seconds.ts'
import type { Output } from '../screen/output.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import type { Found } from './found.ts'

/** How long nothing is said, and between what is said, in milliseconds. */
const EVERY_MS = 200

/** A run that is not identical, in one line: where it is, what it does else first, and why. */
export function runLine(run: CheckedRun, paint: Paint): string {
  const { file, line, runId, status, reason = '', divergence } = run
  const where = paint('bold', oneLine(`${file}${line === undefined ? '' : `:${line}`}`))
  const which = runId === undefined ? '' : ` ${runId}`
  if (divergence === undefined) {
    return `${paint('yellow', '!')} ${where}${which}: ${status.replaceAll('_', ' ')}: ${oneLine(reason)}`
  }
  const { what } = describeDivergence(divergence)
  const why = describeWhy(divergence.why)
  return `${paint('red', '✗')} ${where}${which}: ${placeText(divergence)}: ${oneLine(what)} (${why})`
}

/** What was found, in one line. */
export function summaryLine(
  { counts, files, isComplete, durationMs }: Found,
  paint: Paint,
): string {
  const { identical, diverged, not_replayable: lost, unreadable } = counts
  const runs = identical + diverged + lost
  const all = `${countText(runs, 'run')} of ${countText(files, 'file')}`
  const others = [
    diverged === 0 ? '' : `${diverged} diverged`,
    lost === 0 ? '' : `${lost} not replayable`,
    unreadable === 0 ? '' : `${countText(unreadable, 'file')} unreadable`,
  ].filter((text) => text !== '')
  const took = ` (${seconds(durationMs)})`
  const so = isComplete ? '' : `${paint('yellow', 'ended early')}: `
  if (runs + unreadable === 0) return `${so}${all}${took}`
  if (others.length === 0) return `${so}${paint('green', 'identical')}: ${all}${took}`
  const kind = diverged === 0 ? paint('yellow', 'not all replayed') : paint('red', 'diverged')
  return `${so}${kind}: ${all}: ${[...others, `${identical} identical`].join(', ')}${took}`
}

/** Says at a terminal how far a check is, while it goes on. */
export interface CheckProgress {
  run(run: CheckedRun): void
  file(): void
  /** Says nothing until this is done. */
  quietWhile<T>(work: () => Promise<T>): Promise<T>
}

/** Begins to say how far a check is. */
export function checkProgress(
  files: number,
  { hint, width }: Pick<Output, 'hint' | 'width'>,
): CheckProgress {
  let next = 0
  let isQuiet = false
  let [runs, others, done] = [0, 0, 0]
  const show = () => {
    if (width === undefined || isQuiet || performance.now() < next) return
    next = performance.now() + EVERY_MS
    const counts = `${countText(runs, 'run')}, ${done} of ${countText(files, 'file')}`
    const so = others === 0 ? '' : `; ${others} not identical`
    hint(`Checking: ${counts}${so}`.slice(0, width))
  }
  show()
  return {
    async quietWhile(work) {
      isQuiet = true
      hint('')
      try {
        return await work()
      } finally {
        isQuiet = false
      }
    },
    run({ status }) {
      if (status !== 'unreadable') runs++
      if (status !== 'identical') others++
      show()
    },
    file() {
      done++
      show()
    },
  }
}
