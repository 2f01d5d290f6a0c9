import { askPath, branchPath, handoffPath, joinPath } from '../../paths.ts'
import type { Behaviour } from './behaviour.ts'
import { fold } from './chance.ts'
import { type Expected, expectAttempt, type Prediction } from './reference.ts'
import type { RunPlan, Scenario } from './scenario.ts'
import { type BranchReading, FAILED, foldBranches } from './together.ts'

/** A message that begins a chain. */
interface Start {
  readonly path: string
  readonly to: string
  readonly hops: number
  readonly trail: number
  readonly joinTo?: string | undefined
  /** Roles that wait for what is asked here. */
  readonly askers: readonly string[]
  readonly isAsked: boolean
}

/** How a chain ends: `budget` ends its run, and a race may decide what is `unknown`. */
type Outcome =
  | { readonly kind: 'finish' | 'part' | 'reply'; readonly trail: number }
  | { readonly kind: 'stopped' | 'dead' | 'budget' | 'unknown' }

/** Follows the chains of one run to their ends: no bus, no journal, no time. */
export class Predictor {
  readonly #scenario: Scenario
  readonly #behaviour: Behaviour
  readonly #run: RunPlan

  constructor(scenario: Scenario, behaviour: Behaviour, run: RunPlan) {
    this.#scenario = scenario
    this.#behaviour = behaviour
    this.#run = run
  }

  /** The end of the run, if this chain of its main flow decides it. */
  predict(start: Pick<Start, 'path' | 'to' | 'hops'>): Prediction {
    const outcome = this.#follow({ ...start, trail: 0, askers: [], isAsked: false })
    switch (outcome.kind) {
      case 'finish':
        return { status: 'completed', trail: outcome.trail }
      case 'stopped':
        return { status: 'stalled' }
      case 'budget':
        return { status: 'budget_exhausted' }
      case 'unknown':
        return { status: 'unknown' }
      default:
        return { status: 'failed' }
    }
  }

  #follow(start: Start): Outcome {
    const { maxHops } = this.#run
    const { joinTo, askers, isAsked } = start
    let { path, to, hops, trail } = start
    for (;;) {
      if (hops > maxHops) return { kind: 'budget' }
      const next = this.#attempts({ ...start, path, to, hops, trail })
      switch (next.kind) {
        case 'nothing':
          return { kind: 'stopped' }
        case 'budget':
        case 'unknown':
          return { kind: next.kind }
        case 'finish':
        case 'part':
        case 'reply':
          return hops + 1 > maxHops ? { kind: 'budget' } : { kind: next.kind, trail: next.trail }
        case 'handoff':
          if (hops + 1 > maxHops) return { kind: 'budget' }
          // A branch that goes to its join with anything but its end has strayed.
          if (next.to === joinTo) return { kind: 'dead' }
          path = handoffPath(path)
          to = next.to
          trail = next.trail
          hops++
          break
        case 'fan-out': {
          const { trail: from, branches } = next
          const outcomes = branches.map((role, index) =>
            this.#follow({
              path: branchPath(path, index + 1),
              to: role,
              hops: hops + 1,
              trail: fold(from, index),
              joinTo: next.to,
              askers,
              isAsked,
            }),
          )
          const joined = join(next.join, outcomes)
          if (typeof joined !== 'number') return joined
          path = joinPath(path)
          to = next.to
          trail = joined
          hops++
          break
        }
        default:
          return { kind: 'dead' }
      }
    }
  }

  /** How the last attempt at a message ends. */
  #attempts(start: Start): Expected | { readonly kind: 'budget' | 'unknown' } {
    const { path, to, trail, joinTo, isAsked } = start
    const role = this.#scenario.roles.find(({ name }) => name === to)
    // A message for nobody is dead.
    if (role === undefined) return { kind: 'terminal' }
    let next: Expected = { kind: 'fails' }
    for (let attempt = 1; attempt <= role.attempts; attempt++) {
      const plan = this.#behaviour.plan(this.#run.variant, path, to, attempt)
      const replies: number[] = []
      for (const [index, asked] of plan.asks.entries()) {
        const reply = this.#ask(start, askPath(path, attempt, index + 1), asked, fold(trail, index))
        if (typeof reply !== 'number') return reply
        replies.push(reply)
      }
      next = expectAttempt(plan, trail, { isAsked, joinTo }, replies)
      if (next.kind !== 'fails' && next.kind !== 'hangs') break
    }
    return next
  }

  #ask(
    { to, hops, askers }: Start,
    path: string,
    role: string,
    trail: number,
  ): number | { readonly kind: 'budget' | 'unknown' } {
    const waiting = [...askers, to]
    if (waiting.includes(role)) return -1
    const start = { path, to: role, hops: hops + 1, trail, askers: waiting, isAsked: true }
    const outcome = this.#follow(start)
    if (outcome.kind === 'budget' || outcome.kind === 'unknown') return { kind: outcome.kind }
    return outcome.kind === 'reply' ? outcome.trail : -1
  }
}

/** The trail of a join, or how it ends what is around it. */
function join(policy: string, outcomes: readonly Outcome[]): number | Outcome {
  if (outcomes.some(({ kind }) => kind === 'unknown')) return { kind: 'unknown' }
  if (outcomes.some(({ kind }) => kind === 'budget')) {
    const isSure = policy === 'settled' || outcomes.every(({ kind }) => kind === 'budget')
    return { kind: isSure ? 'budget' : 'unknown' }
  }
  const parts = outcomes.filter(({ kind }) => kind === 'part').length
  if (policy === 'all' && parts < outcomes.length) return { kind: 'dead' }
  // Which two are the first, and which others have failed by then, is a race.
  if (policy === 'first') return { kind: parts < 2 ? 'dead' : 'unknown' }
  const branches = outcomes.map(
    (outcome): BranchReading =>
      outcome.kind === 'part'
        ? { status: 'done', trail: outcome.trail }
        : { status: 'failed', trail: FAILED },
  )
  return foldBranches(branches)
}
