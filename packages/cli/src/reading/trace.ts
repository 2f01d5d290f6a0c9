import {
  findRun,
  type JournalReader,
  type JournalRecord,
  otlpTraces,
  type RunReading,
  readInOneTime,
  readRun,
  sequenceDiagram,
} from '@nanoagent/bus'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { traceLines } from '../report/trace.ts'
import { traceReport } from '../report/trace-report.ts'
import { printAll, printEach } from '../screen/output.ts'
import { printableJson, printableJsonLine } from '../screen/printable.ts'
import { familyLines, forksOf } from './family.ts'
import type { Screen } from './read.ts'
import { timelineLines } from './timeline.ts'
import type { TraceFlags, TraceFormat } from './trace-command.ts'
import { isOfMessages, selectedMessages, selection } from './trace-filter.ts'

/** Shows the trace of a run in the format that was asked for. */
export async function showTrace(
  journal: JournalReader,
  { run, flags }: { readonly run: string; readonly flags: TraceFlags },
  { output, paint }: Screen,
): Promise<void> {
  const format = flags.format ?? (flags.json === true ? 'json' : 'tree')
  assertFits(format, flags)
  const runId = await findRun(journal, run)
  if (format === 'jsonl' && selection(flags) === undefined) {
    return printEach(output, linesOf(journal.read({ runId })))
  }
  const reading = await readRun(journal, runId)
  const shows = selection(flags)
  const options = { paint, width: output.width, ...(shows === undefined ? {} : { shows }) }
  const shown = () => readInOneTime(journal, reading)
  const family = async () =>
    shows === undefined ? familyLines(reading.summary, await forksOf(journal, runId)) : []
  switch (format) {
    case 'tree':
      return printAll(output, [...traceLines((await shown()).graph, options), ...(await family())])
    case 'timeline':
      return printAll(output, [
        ...timelineLines((await shown()).graph, options),
        ...(await family()),
      ])
    case 'mermaid':
      return output.print(sequenceDiagram(reading.graph))
    case 'json':
      return output.print(printableJson(jsonTrace(reading, await forksOf(journal, runId), flags)))
    case 'jsonl':
      return printAll(output, selectedRecords(reading, flags))
    case 'otlp':
      return output.print(printableJsonLine(otlp(await shown(), flags)))
  }
}

const FORMATS_OF_JSON: ReadonlySet<TraceFormat> = new Set(['json', 'jsonl', 'otlp'])

/** A drawing or an export is of the whole run, and the other formats are not about content. */
function assertFits(format: TraceFormat, flags: TraceFlags): void {
  if (flags.json === true && !FORMATS_OF_JSON.has(format)) {
    throw new UsageError(
      `--format ${format} is no JSON: leave --json out, or use json, jsonl or otlp`,
    )
  }
  if (selection(flags) !== undefined && (format === 'mermaid' || format === 'otlp')) {
    throw new UsageError(
      `--format ${format} shows a whole run: leave --role, --type, --status and --text out, ` +
        'or use tree, timeline, json or jsonl',
    )
  }
  if (flags.content === true && format !== 'json' && format !== 'otlp') {
    throw new UsageError(`--content goes with --format json or otlp, not with ${format}`)
  }
}

function jsonTrace(
  { graph, summary }: RunReading,
  forks: readonly string[],
  flags: TraceFlags,
): object {
  const { runId, status, reason, openedAt, endedAt, durationMs, team, thread, usage } = summary
  const { forkedFrom } = summary
  const report = traceReport(graph, {
    content: flags.content === true,
    only: selectedMessages(graph, flags),
  })
  const run = { runId, status, reason, openedAt, endedAt, durationMs, team, thread, usage }
  const family = { forkedFrom, forks }
  return { ...run, ...family, ...report }
}

function selectedRecords({ records, graph }: RunReading, flags: TraceFlags): readonly string[] {
  const ids = selectedMessages(graph, flags)
  return records.filter((record) => isOfMessages(record, ids)).map(printableJsonLine)
}

/** The records of a run as they are read, however many they are. */
async function* linesOf(records: AsyncIterable<JournalRecord>): AsyncIterable<string> {
  for await (const record of records) yield printableJsonLine(record)
}

const Live = z.object({ command: z.object({ mode: z.literal('live') }) })

function otlp({ records }: RunReading, flags: TraceFlags): unknown {
  const [opened] = records
  // It speaks OpenAI's API to whatever endpoint; offline nobody is asked.
  const isLive = opened?.kind === 'run.opened' && Live.safeParse(opened.about).success
  return otlpTraces(records, {
    content: flags.content === true,
    ...(isLive ? { provider: 'openai' } : {}),
  })
}
