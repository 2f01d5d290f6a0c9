import { handoffPath } from '../../paths.ts'
import type { RunStatus } from '../../records.ts'
import type { AttemptPlan, Behaviour, ChainPlan, EndPlan, StepPlan } from './behaviour.ts'
import { fold } from './chance.ts'
import type { RunPlan, Scenario } from './scenario.ts'

/** How an attempt ends, by what its plan says. */
export type Expected =
  | { readonly kind: 'handoff'; readonly to: string; readonly trail: number }
  | { readonly kind: 'finish'; readonly trail: number }
  | { readonly kind: 'nothing' | 'fails' | 'terminal' | 'hangs' | 'kill' }

/** How a run ends, by what its plan says. */
export interface Prediction {
  readonly status: RunStatus
  /** Data of the terminal message, where there is one. */
  readonly trail?: number
}

type Value = number | 'fails' | 'terminal' | 'hangs'

/** What stands in a trail for a step whose failure the handler caught. */
export const CAUGHT = 7

/** Says how an attempt ends that has received this trail: the plan read as a formula. */
export function expectAttempt(plan: AttemptPlan, received: number): Expected {
  let trail = received
  for (const block of plan.blocks) {
    const values = block.map(chainValue)
    const bad = values.find((value) => value === 'fails' || value === 'terminal')
    if (bad !== undefined && typeof bad !== 'number') return { kind: bad }
    for (const value of values) {
      if (typeof value !== 'number') return { kind: 'hangs' }
      trail = fold(trail, value)
    }
  }
  return expectEnd(plan.end, trail)
}

function expectEnd(end: EndPlan, trail: number): Expected {
  switch (end.kind) {
    case 'handoff':
      return { kind: 'handoff', to: end.to, trail }
    case 'finish':
      return { kind: 'finish', trail }
    case 'throw':
    case 'invalid':
      return { kind: 'fails' }
    case 'hang':
      return { kind: 'hangs' }
    default:
      return { kind: end.kind }
  }
}

function chainValue(chain: ChainPlan): Value {
  let total = 0
  for (const step of chain.steps) {
    const value = stepValue(step)
    if (typeof value === 'number') total = fold(total, value)
    else return value
  }
  return total
}

function stepValue(step: StepPlan): Value {
  const value = performedValue(step)
  return step.isCaught && (value === 'fails' || value === 'terminal') ? CAUGHT : value
}

function performedValue(step: StepPlan): Value {
  let total = step.value
  for (const inner of step.inner) {
    const value = stepValue(inner)
    if (typeof value !== 'number') return value
    total = fold(total, value)
  }
  if (step.ends === 'never') return 'hangs'
  if (step.failure !== undefined) return step.failure === 'error' ? 'fails' : 'terminal'
  return total
}

/** Follows one chain of handoffs to its end: no bus, no journal, no time. */
export function predictChain(
  scenario: Scenario,
  behaviour: Behaviour,
  run: RunPlan,
  start: { readonly path: string; readonly to: string; readonly hops: number },
): Prediction {
  let { path, to, hops } = start
  let trail = 0
  for (;;) {
    if (hops > run.maxHops) return { status: 'budget_exhausted' }
    const role = scenario.roles.find(({ name }) => name === to)
    if (role === undefined) return { status: 'failed' }
    let next: Expected = { kind: 'fails' }
    for (let attempt = 1; attempt <= role.attempts; attempt++) {
      next = expectAttempt(behaviour.plan(run.variant, path, to, attempt), trail)
      if (next.kind !== 'fails' && next.kind !== 'hangs') break
    }
    if (next.kind === 'nothing') return { status: 'stalled' }
    if (next.kind === 'finish') {
      if (hops + 1 > run.maxHops) return { status: 'budget_exhausted' }
      return { status: 'completed', trail: next.trail }
    }
    if (next.kind !== 'handoff') return { status: 'failed' }
    path = handoffPath(path)
    to = next.to
    trail = next.trail
    hops++
  }
}
