import {
  type AttemptReading,
  type CausalGraph,
  type Difference,
  differences,
  type ErrorRecord,
  type GraphNode,
  type LogRecord,
  type RunReading,
  type StepRecord,
} from '@nanoagent/bus'
import { UsageError } from '../errors.ts'
import { logLine } from '../report/log-line.ts'
import { seconds } from '../report/seconds.ts'
import { dataLines } from '../screen/data-lines.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine, printableJsonLine } from '../screen/printable.ts'
import { pathOf } from './message-path.ts'
import { timeText } from './moment.ts'
import { factLines } from './run-lines.ts'
import { countText } from './words.ts'

/** A message for people: its envelope, its data, what its handling did, and how it differs from its cause. */
export function messageLines(
  { graph, runId }: RunReading,
  id: string,
  paint: Paint,
): readonly string[] {
  const node = nodeIn(graph, id)
  const { message, attempts, copies } = node
  const heading = (text: string) => ['', paint('bold', text)]
  const cause = graph.nodes.get(message.causationId ?? '')
  return [
    paint('bold', `message ${message.id}: ${oneLine(message.type)}`),
    ...envelopeLines(node, graph),
    ...heading('data'),
    ...dataLines(message.data, '  '),
    ...(cause === undefined
      ? []
      : [
          ...heading(`beside the data of its cause, ${nameOf(cause)}`),
          ...differences(cause.message.data, message.data, { before: runId, after: runId }).map(
            (difference) => differenceLine(difference, paint),
          ),
        ]),
    ...attempts.flatMap((attempt) => [
      ...heading(attemptTitle(attempt, message.to)),
      ...attemptLines(attempt, paint),
    ]),
    ...copies.flatMap(({ listener, attempts }) =>
      attempts.flatMap((attempt) => [
        ...heading(`${attemptTitle(attempt, listener)}, listening`),
        ...attemptLines(attempt, paint),
      ]),
    ),
  ]
}

/** The message with this id. */
export function nodeIn({ nodes, runId }: CausalGraph, id: string): GraphNode {
  const node = nodes.get(id)
  if (node === undefined) throw new UsageError(`run ${runId} has no message ${id}`)
  return node
}

function envelopeLines(
  { message, causes, effects, asked, fanOut, joined, copies }: GraphNode,
  graph: CausalGraph,
): readonly string[] {
  const named = (ids: readonly string[]) =>
    ids.map((id) => nameOf(graph.nodes.get(id), id)).join(', ')
  const metadata = Object.entries(message.metadata).map(([key, text]) => `${key}=${text}`)
  return factLines([
    ['from', message.from],
    ['to', message.to],
    ['sent', timeText(message.sentAt)],
    ['content', message.content],
    ['metadata', metadata.join(', ')],
    ['asked by', asked && `step ${asked.step} of attempt ${asked.attempt}`],
    ['joins', joined && named(joined)],
    ['causes', named(causes)],
    ['fans out to', fanOut && `${fanOut.to}, as ${fanOut.join}`],
    ['effects', named(effects)],
    ['copies', copies.map(({ listener }) => listener).join(', ')],
  ])
}

/** A message in a line of others. */
function nameOf(node: GraphNode | undefined, id = node?.message.id ?? ''): string {
  return node === undefined ? pathOf(id) : `${pathOf(id)} ${oneLine(node.message.type)}`
}

function differenceLine({ path, kind, before, after }: Difference, paint: Paint): string {
  const at = path === '' ? 'all of it' : oneLine(path)
  switch (kind) {
    case 'same':
      return paint('dim', `  = ${at}`)
    case 'changed':
      return paint('yellow', `  ~ ${at}: ${shortJson(before)} → ${shortJson(after)}`)
    case 'added':
      return paint('green', `  + ${at}: ${shortJson(after)}`)
    case 'removed':
      return paint('red', `  - ${at}: ${shortJson(before)}`)
  }
}

/** Longest value of a difference, in characters: the whole data is above. */
const MOST_SHOWN = 60

function shortJson(value: unknown): string {
  const json = [...printableJsonLine(value)]
  return json.length <= MOST_SHOWN ? json.join('') : `${json.slice(0, MOST_SHOWN - 1).join('')}…`
}

function attemptTitle(reading: AttemptReading, role: string): string {
  const { attempt, outcome, starts, startedAt, endedAt, reason, error } = reading
  const took =
    startedAt === undefined || endedAt === undefined ? '' : ` after ${seconds(endedAt - startedAt)}`
  const again = starts > 1 ? ` (started ${starts} times)` : ''
  const why = reason === undefined ? '' : `, ${reason.replaceAll('_', ' ')}`
  const state = outcome === 'open' ? 'not settled' : outcome
  return `attempt ${attempt} of ${oneLine(role)}: ${state}${took}${again}${why}${errorText(error)}`
}

function errorText(error: ErrorRecord | undefined): string {
  return error === undefined ? '' : `: ${oneLine(error.message)} (${oneLine(error.code)})`
}

function attemptLines({ startedAt, steps, logs }: AttemptReading, paint: Paint): readonly string[] {
  const begun = startedAt === undefined ? [] : [paint('dim', `  begun ${timeText(startedAt)}`)]
  const happened = [...steps, ...logs].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0))
  let before: StepRecord | undefined
  const lines = happened.flatMap((record) => {
    if (record.kind === 'log') return [logText(record)]
    const shown = stepLines(record, before, paint)
    if (record.stepKind === 'model') before = record
    return shown
  })
  return [...begun, ...lines]
}

function logText(record: LogRecord): string {
  return `  says: ${logLine(record, ({ handle }) => handle)}`
}

/** A step with its request and response; what a model was told before, it is told again each time. */
function stepLines(
  step: StepRecord,
  before: StepRecord | undefined,
  paint: Paint,
): readonly string[] {
  const { stepKind, name, request, outcome, usage, at, startedAt, idempotencyKey } = step
  const tokens = usage === undefined ? 0 : usage.inputTokens + usage.outputTokens
  const used = tokens === 0 ? '' : `, ${countText(tokens, 'token')}`
  const begun = idempotencyKey === undefined ? ', without an end' : ', begun once'
  const took = outcome.type === 'intent' ? begun : `, ${seconds(at - startedAt)}`
  const title = `  step ${step.step.join('.')}: ${stepKind} ${oneLine(name)}${took}${used}`
  return [
    paint('cyan', title),
    paint('dim', '    request'),
    ...requestLines(request, step.stepKind === 'model' ? before : undefined),
    ...(outcome.type === 'response'
      ? [paint('dim', '    response'), ...dataLines(outcome.response, '      ')]
      : []),
    ...(outcome.type === 'error'
      ? [
          paint(
            'red',
            `    ${outcome.terminal ? 'error, for good' : 'error'}${errorText(outcome.error)}`,
          ),
        ]
      : []),
  ]
}

/** The lines of a request, without what is the same in the one before: they say which that is. */
function requestLines(request: unknown, before: StepRecord | undefined): readonly string[] {
  const indent = '      '
  if (before === undefined || typeof request !== 'object' || request === null) {
    return dataLines(request, indent)
  }
  const isSame = new Set(
    differences(before.request, request).flatMap(({ path, kind }) => (kind === 'same' ? path : [])),
  )
  return Object.entries(request).flatMap(([key, part]) => {
    const lines = dataLines({ [key]: part }, indent)
    if (lines.length === 1 || !isSame.has(key)) return lines
    return [`${indent}${oneLine(key)}: (as in step ${before.step.join('.')})`]
  })
}
