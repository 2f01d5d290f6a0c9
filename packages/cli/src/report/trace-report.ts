import type { AttemptReading, CausalGraph } from '@nanoagent/bus'

/** What `--json --trace` adds: the causal graph, without data, so that no secret is in it. */
export function traceReport({ nodes, edges, firstFailure }: CausalGraph): object {
  return {
    messages: [...nodes.values()].map(({ message, attempts, copies, asked, fanOut, joined }) => ({
      id: message.id,
      from: message.from,
      to: message.to,
      type: message.type,
      ...(asked === undefined ? {} : { asked }),
      ...(joined === undefined ? {} : { joined }),
      attempts: attempts.map(attemptReport),
      ...(fanOut === undefined ? {} : { fanOut }),
      ...(copies.length === 0
        ? {}
        : {
            copies: copies.map(({ listener, attempts }) => ({
              listener,
              attempts: attempts.map(attemptReport),
            })),
          }),
    })),
    edges,
    firstFailure: firstFailure ?? null,
  }
}

function attemptReport(reading: AttemptReading): object {
  const { attempt, outcome, starts, startedAt, endedAt, reason, error, steps } = reading
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
      outcome: step.outcome.type,
      ...(step.usage === undefined ? {} : { usage: step.usage }),
    })),
  }
}
