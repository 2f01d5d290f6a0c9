import type { LogLevel } from '../logger.ts'
import { systemClock } from '../screen/clock.ts'
import type { Output } from '../screen/output.ts'
import { paintFor } from '../screen/paint.ts'
import { createLive, type Live } from './live.ts'

/** What decides whether anybody looks at the models' work. */
interface LiveFlags {
  readonly json?: true
  readonly quiet?: true
  readonly color: boolean
  readonly logLevel: LogLevel
}

/** Shows the models' work; none where nobody looks, or where log lines would be written into it. */
export function liveFor(flags: LiveFlags, output: Output, signal: AbortSignal): Live | undefined {
  const isLogging = flags.logLevel !== 'silent' && process.stderr.isTTY
  if (flags.json || flags.quiet || isLogging || output.width === undefined) return undefined
  const paint = paintFor(process.stdout, { color: flags.color })
  return createLive({ output, paint, clock: systemClock, signal })
}
