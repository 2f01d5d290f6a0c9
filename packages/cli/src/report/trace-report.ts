import type { AttemptReading, CausalGraph, GraphNode, Message } from '@nanoagent/bus'

/** What of a trace is told as JSON. */
interface TraceReportOptions {
  /** Only these messages, and the edges between them. Default: all. */
  readonly only?: ReadonlySet<string>
  /** Whether data, human lines, log lines, requests and responses are told too. */
  readonly content?: boolean
}

/** What `--json --trace` adds: the causal graph. Secrets are handles once it is JSON. */
export function traceReport(
  { nodes, edges, firstFailure }: CausalGraph,
  { only, content = false }: TraceReportOptions = {},
): object {
  const isTold = (id: string) => only === undefined || only.has(id)
  return {
    messages: [...nodes.values()]
      .filter(({ message }) => isTold(message.id))
      .map((node) => messageReport(node, content)),
    edges: edges.filter(({ from, to }) => isTold(from) && isTold(to)),
    firstFailure: firstFailure ?? null,
  }
}

function messageReport(
  { message, attempts, copies, asked, fanOut, joined }: GraphNode,
  content: boolean,
): object {
  return {
    id: message.id,
    from: message.from,
    to: message.to,
    type: message.type,
    sentAt: message.sentAt,
    ...(content ? contentOf(message) : {}),
    ...(asked === undefined ? {} : { asked }),
    ...(joined === undefined ? {} : { joined }),
    attempts: attempts.map((reading) => attemptReport(reading, content)),
    ...(fanOut === undefined ? {} : { fanOut }),
    ...(copies.length === 0
      ? {}
      : {
          copies: copies.map(({ listener, attempts }) => ({
            listener,
            attempts: attempts.map((reading) => attemptReport(reading, content)),
          })),
        }),
  }
}

function contentOf({ content, data, metadata }: Message): object {
  return { content, data, metadata }
}

function attemptReport(reading: AttemptReading, content: boolean): object {
  const { attempt, outcome, starts, startedAt, endedAt, reason, error, steps, logs } = reading
  return {
    attempt,
    outcome,
    starts,
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    ...(reason === undefined ? {} : { reason }),
    ...(error === undefined ? {} : { error }),
    steps: steps.map((step) => ({
      step: step.step.join('.'),
      kind: step.stepKind,
      name: step.name,
      startedAt: step.startedAt,
      endedAt: step.at,
      ...(content
        ? { request: step.request, outcome: step.outcome }
        : { outcome: step.outcome.type }),
      ...(step.usage === undefined ? {} : { usage: step.usage }),
    })),
    ...(content ? { logs: logs.map(({ at, text, data }) => ({ at, text, data })) } : {}),
  }
}
