import { ModelError } from '@nanoagent/agents'
import { checkEndpoint, ENDPOINT_CHECKS, type EndpointCheck } from '@nanoagent/agents/openai'
import type { DoctorFlags } from './arguments.ts'
import { configureLive, type Environment, type LiveConfiguration } from './configuration.ts'
import { UsageError } from './errors.ts'
import { EXIT } from './exit-status.ts'
import { type Interruption, stopWhenUnread } from './interruption.ts'
import {
  checkLines,
  checkTitle,
  configurationLines,
  doctorJson,
  verdictLine,
  works,
} from './report/checks.ts'
import { firstCells } from './screen/cells.ts'
import { systemClock } from './screen/clock.ts'
import { type Output, printAll } from './screen/output.ts'
import { type Paint, paintFor } from './screen/paint.ts'
import { printableJson } from './screen/printable.ts'

/** What a check-up is made of. */
export interface DoctorSettings {
  readonly flags: DoctorFlags
  readonly env: Environment
  /** The names of the variables that come from `.env`. */
  readonly fromFile: ReadonlySet<string>
  readonly output: Output
  readonly interruption: Interruption
}

/** Checks the configured endpoint and shows what works; gives the exit status. */
export async function doctor(settings: DoctorSettings): Promise<number> {
  const { flags, env, fromFile, output, interruption } = settings
  const configuration = await configureLive(flags, env, { fromFile })
  stopWhenUnread(interruption, output)
  const results = checksOf(configuration, flags, interruption.signal)
  const paint = paintFor(process.stdout, flags)
  try {
    const checks: EndpointCheck[] = []
    if (!flags.json) printAll(output, [...configurationLines(configuration), ''])
    using _waiting = flags.json ? undefined : showWaiting(output, paint, checks)
    for await (const check of results) {
      checks.push(check)
      if (!flags.json) printAll(output, checkLines(check, paint))
    }
    if (flags.json) output.print(printableJson(doctorJson(configuration, checks)))
    else printAll(output, ['', verdictLine(checks, paint)])
    return works(checks) ? EXIT.pass : EXIT.failed
  } catch (error) {
    // That is no interruption to tell of.
    if (output.closed.aborted) return EXIT.brokenPipe
    throw error
  }
}

function checksOf(
  { model, apiKey, baseUrl }: LiveConfiguration,
  { timeout }: DoctorFlags,
  signal: AbortSignal,
): AsyncIterable<EndpointCheck> {
  try {
    const base = baseUrl === undefined ? {} : { baseUrl }
    return checkEndpoint({ model, apiKey, ...base, timeoutMs: timeout * 1_000, signal })
  } catch (error) {
    throw error instanceof ModelError ? new UsageError(error.message) : error
  }
}

/** Shows at a terminal for which check it waits, once that takes long, until it is disposed. */
function showWaiting(output: Output, paint: Paint, done: readonly EndpointCheck[]): Disposable {
  let waitsFor = -1
  let since = 0
  const stop = systemClock.every(100, () => {
    const now = systemClock.now()
    if (waitsFor !== done.length) since = now
    waitsFor = done.length
    const name = ENDPOINT_CHECKS[waitsFor]
    const seconds = Math.floor((now - since) / 1_000)
    if (output.width === undefined || name === undefined || seconds < 1) return output.hint('')
    const line = firstCells(`  … ${checkTitle(name)}, ${seconds} s`, output.width)
    output.hint(paint('dim', line))
  })
  return {
    [Symbol.dispose]() {
      stop()
      output.hint('')
    },
  }
}
