import {
  type AttemptReading,
  type CopyReading,
  differences,
  type GraphNode,
  type RunReading,
  type StepRecord,
} from '@nanoagent/bus'
import { nodeIn } from './message-lines.ts'

/** What `show RUN --json` prints: secrets in it are named, not shown, once it is JSON. */
export function runReport(
  { summary, records, graph }: RunReading,
  forks: readonly string[],
): object {
  const [opened] = records
  return {
    ...summary,
    forks,
    ...(opened?.kind === 'run.opened' ? { limits: opened.limits, about: opened.about } : {}),
    firstFailure: graph.firstFailure ?? null,
    messages: [...graph.nodes.values()].map(({ attempts, copies, ...node }) => ({
      ...node,
      attempts: attempts.map(withoutContents),
      copies: copies.map(({ listener, attempts }) => ({
        listener,
        attempts: attempts.map(withoutContents),
      })),
    })),
  }
}

/** What `show RUN MESSAGE --json` prints. */
export function messageReport({ graph, runId }: RunReading, id: string): object {
  const node: GraphNode = nodeIn(graph, id)
  const cause = graph.nodes.get(node.message.causationId ?? '')
  return {
    ...node,
    attempts: node.attempts.map(whole),
    copies: node.copies.map(({ listener, attempts }: CopyReading) => ({
      listener,
      attempts: attempts.map(whole),
    })),
    cause: cause?.message ?? null,
    differences:
      cause === undefined
        ? null
        : differences(cause.message.data, node.message.data, { before: runId, after: runId }),
  }
}

function withoutContents({ steps, logs: _logs, ...attempt }: AttemptReading): object {
  return {
    ...attempt,
    steps: steps.map((step) => {
      const { number, stepKind, name, startedAt, endedAt, outcome, usage } = stepReport(step)
      const shown = { number, stepKind, name, startedAt, endedAt, outcome: outcome.type }
      return usage === undefined ? shown : { ...shown, usage }
    }),
  }
}

function whole({ steps, logs, ...attempt }: AttemptReading): object {
  return {
    ...attempt,
    steps: steps.map(stepReport),
    logs: logs.map(({ number, at, text, data }) => ({ number, at, text, data })),
  }
}

function stepReport({ step, stepKind, name, request, startedAt, at, outcome, usage }: StepRecord) {
  return {
    number: step.join('.'),
    stepKind,
    name,
    startedAt,
    endedAt: at,
    request,
    outcome,
    usage,
  }
}
