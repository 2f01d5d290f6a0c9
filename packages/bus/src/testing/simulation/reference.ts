import type { RunStatus } from '../../records.ts'
import type { AttemptPlan, ChainPlan, EndPlan, StepPlan } from './behaviour.ts'
import { fold } from './chance.ts'
import { CAUGHT } from './together.ts'

/** How an attempt ends, by what its plan says. */
export type Expected =
  | { readonly kind: 'handoff'; readonly to: string; readonly trail: number }
  | {
      readonly kind: 'fan-out'
      readonly to: string
      readonly join: string
      readonly branches: readonly string[]
      readonly trail: number
    }
  | { readonly kind: 'part'; readonly to: string; readonly trail: number }
  | { readonly kind: 'finish' | 'reply'; readonly trail: number }
  | { readonly kind: 'nothing' | 'fails' | 'terminal' | 'hangs' | 'kill' }

/** How a run ends, by what its plan says. */
export interface Prediction {
  /** `unknown` where a race decides it. */
  readonly status: RunStatus | 'unknown'
  /** Data of the terminal message, where there is one. */
  readonly trail?: number
}

type Value = number | 'fails' | 'terminal' | 'hangs'

/** Where an attempt takes place: what its end means there. */
export interface Place {
  readonly isAsked: boolean
  /** The role that ends the branch. */
  readonly joinTo?: string | undefined
}

/**
 * Says how an attempt ends that has received this trail and these replies, -1 for none: the plan read as
 * a formula.
 */
export function expectAttempt(
  plan: AttemptPlan,
  received: number,
  place: Place,
  replies: readonly number[],
): Expected {
  let trail = replies.reduce((sum, reply) => fold(sum, reply < 0 ? CAUGHT : reply), received)
  for (const block of plan.blocks) {
    const values = block.map(chainValue)
    const bad = values.find((value) => value === 'fails' || value === 'terminal')
    if (bad !== undefined && typeof bad !== 'number') return { kind: bad }
    for (const value of values) {
      if (typeof value !== 'number') return { kind: 'hangs' }
      trail = fold(trail, value)
    }
  }
  return expectEnd(plan.end, trail, place)
}

function expectEnd(end: EndPlan, trail: number, { isAsked, joinTo }: Place): Expected {
  switch (end.kind) {
    case 'handoff':
      return isAsked ? { kind: 'reply', trail } : { kind: 'handoff', to: end.to, trail }
    case 'finish':
      if (isAsked) return { kind: 'reply', trail }
      return joinTo === undefined ? { kind: 'finish', trail } : { kind: 'part', to: joinTo, trail }
    case 'fan-out':
      return isAsked ? { kind: 'reply', trail } : { ...end, trail }
    case 'throw':
      return { kind: 'fails' }
    case 'invalid':
      // Who was asked must not hand off, whatever the data.
      return { kind: isAsked ? 'terminal' : 'fails' }
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
