import { type JournalRecord, type Secret, secretsIn } from '@nanoagent/bus'
import type { RunResult } from '@nanoagent/orchestrator'
import type { Reporter, ReportFlags } from '../report/reporters.ts'
import { levelBanner } from '../report/sections.ts'
import { type Paint, paintFor } from '../screen/paint.ts'
import { printableJson, printableLines } from '../screen/printable.ts'
import { revealed } from './revealed.ts'
import { chatReport, toolLines } from './tool-lines.ts'

/** What came of a run in which one agent talks. */
export interface TalkRun
  extends Pick<RunResult, 'runId' | 'status' | 'reason' | 'usage' | 'durationMs'> {
  readonly output?: { readonly text: string; readonly passwords?: readonly Secret[] }
}

/** Which command it is of. */
export type TalkKind = 'chat' | 'ask'

/** What shows a run in which one agent talks, as it was asked for. */
export function talkReporterFor(
  kind: TalkKind,
  flags: ReportFlags,
  print: (line: string) => void,
): Reporter<TalkRun> {
  if (flags.json === true) {
    const { tell = (report) => print(printableJson(report)) } = flags
    return jsonTalk(kind, tell)
  }
  if (flags.quiet === true)
    return { begin() {}, show() {}, end: (run) => printAnswer(run, [], print) }
  return humanTalk(kind, paintFor(process.stdout, flags), print)
}

/** What shows it to people; the passwords in the answer as they are, unless `show` says otherwise. */
export function humanTalk(
  kind: TalkKind,
  paint: Paint,
  print: (line: string) => void,
  show = (secret: Secret) => secret.reveal(),
): Reporter<TalkRun> {
  const passwords: Secret[] = []
  let hasCalls = false
  return {
    begin(userRequest) {
      const lines =
        kind === 'chat'
          ? levelBanner(2, 'One Agent with Tools', userRequest, paint)
          : levelBanner(1, 'One Prompt, One Answer', userRequest, paint)
      for (const line of lines) print(line)
    },
    show(record) {
      passwords.push(...passwordsIn(record))
      const lines = toolLines(record, paint)
      hasCalls ||= lines.length > 0
      for (const line of lines) print(line)
    },
    end(run) {
      if (hasCalls && run.output !== undefined) print('')
      printAnswer(run, passwords, print, (secret) => paint('bold', show(secret)))
    },
  }
}

function printAnswer(
  { output }: TalkRun,
  passwords: readonly Secret[],
  print: (line: string) => void,
  show = (secret: Secret) => secret.reveal(),
): void {
  if (output === undefined) return
  const known = [...passwords, ...(output.passwords ?? [])]
  for (const line of printableLines(output.text)) print(revealed(line, known, show))
}

function jsonTalk(kind: TalkKind, tell: (report: object) => void): Reporter<TalkRun> {
  const passwords: Secret[] = []
  const toolCalls: object[] = []
  return {
    begin() {},
    show(record) {
      passwords.push(...passwordsIn(record))
      toolCalls.push(...chatReport(record))
    },
    end({ runId, status, reason, output, usage, durationMs }) {
      const answer =
        output === undefined ? null : revealed(output.text, passwords, (secret) => secret.mask())
      const made = (output?.passwords ?? []).map((password) => password.reveal())
      tell({
        runId,
        status,
        ...(reason === undefined ? {} : { reason }),
        answer,
        ...(kind === 'chat' ? { passwords: made, toolCalls } : {}),
        usage,
        durationMs: Math.round(durationMs),
      })
    },
  }
}

/** The passwords that the handles of a conversation stand for. */
function passwordsIn(record: JournalRecord): readonly Secret[] {
  return record.kind === 'message' ? secretsIn(record.message.data) : []
}
