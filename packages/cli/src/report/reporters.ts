import { causalGraph, inOneTime, type JournalRecord, type Secret } from '@nanoagent/bus'
import type { Output } from '../screen/output.ts'
import { type Paint, paintFor } from '../screen/paint.ts'
import { printableJson } from '../screen/printable.ts'
import { finalResponse } from './final-response.ts'
import { historyLines } from './history.ts'
import { jsonReport } from './json-report.ts'
import type { PasswordRun } from './password-run.ts'
import { createProgress } from './progress.ts'
import { banner, ruled } from './sections.ts'
import { traceLines } from './trace.ts'
import { traceReport } from './trace-report.ts'

/** Shows a run on standard output. */
export interface Reporter<Result = PasswordRun> {
  begin(userRequest: string): void
  /** Takes the run's records as they come. */
  show(record: JournalRecord): void
  end(run: Result): void
}

/** How a run is shown to people. */
interface HumanOptions {
  readonly trace?: boolean
  readonly width?: number | undefined
  /** The passwords in the final response. Default: as they are. */
  readonly show?: (secret: Secret) => string
}

/** What is shown where nothing else was asked for: the agents at work, then the password. */
export function humanReporter(
  print: (line: string) => void,
  paint: Paint,
  options: HumanOptions = {},
): Reporter {
  const { show = (secret) => secret.reveal() } = options
  const records: JournalRecord[] = []
  const progress = createProgress(print, paint)
  const printAll = (lines: readonly string[]) => {
    for (const line of lines) print(line)
  }
  return {
    begin: (userRequest) => printAll(banner(userRequest, paint)),
    show(record) {
      if (options.trace === true) records.push(record)
      progress(record)
    },
    end(run) {
      print('')
      printAll(ruled('-', 'MESSAGE HISTORY (Agent Handoffs)', paint))
      printAll(historyLines(run.history, paint))
      print('')
      printAll(ruled('=', 'FINAL RESPONSE', paint))
      print(finalResponse(run, { show, paint }))
      if (options.trace !== true) return
      print('')
      printAll(ruled('-', 'TRACE', paint))
      printAll(traceLines(causalGraph(inOneTime(records)), { paint, width: options.width }))
    },
  }
}

/** `--json`: one object at the end, whatever the status. */
export function jsonReporter(
  print: (line: string) => void,
  options: Pick<ReportFlags, 'trace' | 'tell'> = {},
): Reporter {
  const { tell = (report) => print(printableJson(report)) } = options
  const records: JournalRecord[] = []
  return {
    begin() {},
    show(record) {
      if (options.trace === true) records.push(record)
    },
    end(run) {
      const trace = options.trace === true ? { trace: traceReport(causalGraph(records)) } : {}
      tell({ ...jsonReport(run), ...trace })
    },
  }
}

/** `--quiet`: the passwords alone, a line each, where the run completed. */
export function quietReporter(print: (line: string) => void): Reporter {
  return {
    begin() {},
    show() {},
    end({ output, context }) {
      if (output === undefined) return
      for (const password of context.implementation?.passwords ?? []) print(password.reveal())
    },
  }
}

/** How a run is shown. */
export interface ReportFlags {
  readonly json?: true
  readonly quiet?: true
  readonly trace?: true
  readonly color: boolean
  /** Takes what is printed with `json`, in place of printing it. */
  readonly tell?: (report: object) => void
}

/** What shows a run as it was asked for. */
export function reporterFor(
  flags: ReportFlags,
  { print, width }: Pick<Output, 'print' | 'width'>,
): Reporter {
  if (flags.json === true) return jsonReporter(print, flags)
  if (flags.quiet === true) return quietReporter(print)
  return humanReporter(print, paintFor(process.stdout, flags), { ...flags, width })
}
