import type { CheckedRun, CheckReport } from './check-runs.ts'
import { describeCheckedRun } from './describe-run.ts'

/** How what was found is written. */
export interface JunitOptions {
  /** What the whole is called. Default `recorded runs`. */
  readonly name?: string
  /** How long all of it took. Default: as long as all runs one after the other. */
  readonly durationMs?: number
}

/**
 * What was found as JUnit XML: a suite for each file and a case for each run. A run that does something else
 * is a failure, one that cannot be replayed or a file that cannot be read an error. Times are in seconds.
 */
export function junitXml(
  { runs }: Pick<CheckReport, 'runs'>,
  { name = 'recorded runs', durationMs = timeOf(runs) }: JunitOptions = {},
): string {
  const suites = [...Map.groupBy(runs, ({ file }) => file)]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name })}${totals(runs, durationMs)}>`,
    ...suites.flatMap(([file, cases]) => suiteLines(file, cases)),
    '</testsuites>\n',
  ].join('\n')
}

function timeOf(runs: readonly CheckedRun[]): number {
  return runs.reduce((sum, { durationMs }) => sum + durationMs, 0)
}

function suiteLines(file: string, cases: readonly CheckedRun[]): readonly string[] {
  return [
    `  <testsuite${attributes({ name: file })}${totals(cases, timeOf(cases))}>`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
  ]
}

function caseLines(run: CheckedRun): readonly string[] {
  const { file, runId, line, status, durationMs, divergence } = run
  const name = runId === undefined ? 'can be read' : `run ${runId}`
  const where = attributes({ name, classname: file, file, line, time: secondsOf(durationMs) })
  if (status === 'identical') return [`    <testcase${where}/>`]
  const [message = '', ...more] = describeCheckedRun(run)
  const text = [message, ...more].join('\n')
  const tag = status === 'diverged' ? 'failure' : 'error'
  return [
    `    <testcase${where}>`,
    `      <${tag}${attributes({ message, type: divergence?.why ?? status })}>${escaped(text)}</${tag}>`,
    '    </testcase>',
  ]
}

function totals(runs: readonly CheckedRun[], ms: number): string {
  const failures = runs.filter(({ status }) => status === 'diverged').length
  const identical = runs.filter(({ status }) => status === 'identical').length
  const errors = runs.length - failures - identical
  return attributes({ tests: runs.length, failures, errors, time: secondsOf(ms) })
}

function secondsOf(ms: number): string {
  return (ms / 1_000).toFixed(3)
}

function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('"', '&quot;')}"`)
    .join('')
}

// What XML 1.0 cannot have in any form, half a surrogate pair among it.
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

function escaped(text: string): string {
  return text
    .replace(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
}
