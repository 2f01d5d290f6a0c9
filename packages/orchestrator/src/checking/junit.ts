import type { CheckedRun, CheckReport } from './check-runs.ts'
import { describeCheckedRun } from './describe-run.ts'
import type { UpdatedRun } from './update-runs.ts'

/** How what was found is written. */
export interface JunitOptions {
  /** What the whole is called. Default `recorded runs`. */
  readonly name?: string
  /** How long all of it took. Default: as long as all runs one after the other. */
  readonly durationMs?: number
  /** What came of those that were to be recorded anew: those that were have passed. */
  readonly updated?: Iterable<UpdatedRun>
}

/**
 * What was found as JUnit XML: a suite for each file and a case for each run. A run that does something else
 * is a failure, one that cannot be replayed or a file that cannot be read an error. Times are in seconds.
 */
export function junitXml(
  { runs }: Pick<CheckReport, 'runs'>,
  { name = 'recorded runs', durationMs = timeOf(runs), updated = [] }: JunitOptions = {},
): string {
  const updates = new Map(Array.from(updated, (one) => [keyOf(one), one]))
  const cases = runs.map((run): Case => ({ run, updated: updates.get(keyOf(run)) }))
  const suites = [...Map.groupBy(cases, ({ run }) => run.file)]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name })}${totals(cases, durationMs)}>`,
    ...suites.flatMap(([file, ofFile]) => suiteLines(file, ofFile)),
    '</testsuites>\n',
  ].join('\n')
}

function timeOf(runs: readonly CheckedRun[]): number {
  return runs.reduce((sum, { durationMs }) => sum + durationMs, 0)
}

/** A run, and what came of recording it anew where that was wanted. */
interface Case {
  readonly run: CheckedRun
  readonly updated: UpdatedRun | undefined
}

function keyOf({ file, runId = '' }: Pick<CheckedRun, 'file' | 'runId'>): string {
  return JSON.stringify([file, runId])
}

type Outcome = 'passed' | 'failure' | 'error'

function outcomeOf({ run: { status }, updated }: Case): Outcome {
  if (status === 'identical' || updated?.diff !== undefined) return 'passed'
  return status === 'diverged' ? 'failure' : 'error'
}

function suiteLines(file: string, cases: readonly Case[]): readonly string[] {
  const took = timeOf(cases.map(({ run }) => run))
  return [
    `  <testsuite${attributes({ name: file })}${totals(cases, took)}>`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
  ]
}

function caseLines(one: Case): readonly string[] {
  const { run, updated } = one
  const { file, runId, line, status, durationMs, divergence } = run
  const name = runId === undefined ? 'can be read' : `run ${runId}`
  const where = attributes({ name, classname: file, file, line, time: secondsOf(durationMs) })
  const outcome = outcomeOf(one)
  if (outcome === 'passed' && updated === undefined) return [`    <testcase${where}/>`]
  const described = describeCheckedRun(run)
  const [message = ''] = described
  const lines = [
    ...(outcome === 'passed'
      ? []
      : [element(outcome, { message, type: divergence?.why ?? status }, described)]),
    ...(updated === undefined ? [] : [element('system-out', {}, updateText(updated, described))]),
  ]
  return [`    <testcase${where}>`, ...lines.map((text) => `      ${text}`), '    </testcase>']
}

function updateText({ reason }: UpdatedRun, described: readonly string[]): readonly string[] {
  return reason === undefined
    ? ['It was recorded anew. Before that:', ...described]
    : [`It stays as it was: ${reason}`]
}

function element(
  name: string,
  values: Readonly<Record<string, string>>,
  text: readonly string[],
): string {
  return `<${name}${attributes(values)}>${escaped(text.join('\n'))}</${name}>`
}

function totals(cases: readonly Case[], ms: number): string {
  const count = (outcome: Outcome) => cases.filter((one) => outcomeOf(one) === outcome).length
  const [failures, errors] = [count('failure'), count('error')]
  return attributes({ tests: cases.length, failures, errors, time: secondsOf(ms) })
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
