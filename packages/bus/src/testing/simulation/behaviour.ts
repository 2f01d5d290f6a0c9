import type { StepKind } from '../../records.ts'
import { Chance, fingerprint } from './chance.ts'
import { NOBODY } from './messages.ts'
import type { Scenario } from './scenario.ts'

/** One step of a handler. */
export interface StepPlan {
  /** Unique in its attempt. A `once` step has the same one in all attempts. */
  readonly label: string
  readonly kind: StepKind
  readonly value: number
  readonly isOnce: boolean
  readonly waits: boolean
  /** How its effect ends: at once, at some later moment, or never. */
  readonly ends: 'at once' | 'later' | 'never'
  readonly failure?: 'error' | 'terminal'
  /** Whether the handler goes on after the failure. */
  readonly isCaught: boolean
  readonly tokens: number
  /** Whether the request holds the time and chance of the attempt. */
  readonly asksNow: boolean
  readonly hasSecret: boolean
  readonly inner: readonly StepPlan[]
}

/** Steps one after the other, as one branch of a handler. */
export interface ChainPlan {
  readonly steps: readonly StepPlan[]
  /** How many more promises its results go through. */
  readonly depth: number
}

/** The last thing that a handler does. */
export type EndPlan =
  | { readonly kind: 'handoff'; readonly to: string; readonly hasSecret: boolean }
  | {
      readonly kind: 'fan-out'
      /** The role of the join. */
      readonly to: string
      readonly join: 'all' | 'settled' | 'first'
      readonly branches: readonly string[]
    }
  | { readonly kind: 'finish' | 'nothing' | 'throw' | 'terminal' | 'invalid' | 'kill' }
  | { readonly kind: 'hang'; readonly minds: boolean }

/** What a handler remembers, or looks for in memory. */
interface MemoryPlan {
  readonly kind: 'set' | 'get' | 'search'
  /** A key, or what is looked for. */
  readonly word: string
}

/** What one attempt does: blocks one after the other, the chains of a block side by side. */
export interface AttemptPlan {
  /** Roles that are asked first, all at once; what nobody answers is caught. */
  readonly asks: readonly string[]
  /** What it has to do with memory, one after the other, before the blocks. */
  readonly memory: readonly MemoryPlan[]
  readonly blocks: readonly (readonly ChainPlan[])[]
  readonly logs: number
  readonly end: EndPlan
}

/** What every attempt of every message does: a pure function of seed, variant, path and attempt. */
export class Behaviour {
  readonly #scenario: Scenario
  readonly #plans = new Map<string, AttemptPlan>()

  constructor(scenario: Scenario) {
    this.#scenario = scenario
  }

  /** `path` is the message's id without the run's. */
  plan(variant: number, path: string, role: string, attempt: number): AttemptPlan {
    const key = `${variant} ${path} ${attempt}`
    let plan = this.#plans.get(key)
    if (plan === undefined) {
      plan = createPlan(this.#scenario, variant, path, role, attempt)
      this.#plans.set(key, plan)
    }
    return plan
  }
}

function createPlan(
  scenario: Scenario,
  variant: number,
  path: string,
  role: string,
  attempt: number,
): AttemptPlan {
  const place = `${scenario.seed} ${variant} ${path}`
  const chance = new Chance(fingerprint(`${place} ${attempt}`))
  const end = createEnd(scenario, path, role, chance)
  const steps = new StepMaker(scenario, chance, `${place} ${attempt}`)
  const blocks = Array.from({ length: chance.pick(0, 1, 1, 2) }, () =>
    Array.from({ length: chance.pick(1, 1, 2, 3) }, () => ({
      steps: Array.from({ length: chance.pick(1, 1, 2) }, () => steps.create(0)),
      depth: chance.pick(0, 0, 0, 4),
    })),
  )
  const once = createOnce(place, steps)
  if (once !== undefined) blocks.push([{ steps: [once], depth: 0 }, ...(blocks.pop() ?? [])])
  const asks = createAsks(scenario, path, chance)
  const memory = scenario.hasMemory ? createMemory(`${place} ${attempt}`) : []
  return { asks, memory, blocks, logs: chance.pick(0, 0, 1, 2), end }
}

function createEnd(scenario: Scenario, path: string, role: string, chance: Chance): EndPlan {
  const { roles } = scenario
  if (scenario.hasKillers && chance.is(0.06)) return { kind: 'kill' }
  const roll = chance.next()
  if (roll < 0.1) return { kind: 'throw' }
  if (roll < 0.12) return { kind: 'terminal' }
  if (roll < 0.16) return { kind: 'hang', minds: chance.is(0.5) }
  if (roll < 0.19) return { kind: 'nothing' }
  if (roll < 0.21) return { kind: 'invalid' }
  const fanOut = createFanOut(scenario, path, chance)
  if (fanOut !== undefined) return fanOut
  const place = roles.findIndex(({ name }) => name === role)
  const next = chance.is(0.7) ? place + 1 : chance.below(roles.length)
  const to = roles[next]?.name
  const hops = path.split('.').length
  if (to === undefined || chance.is(hops * 0.08)) return { kind: 'finish' }
  const hasSecret = scenario.hasSecrets && chance.is(0.3)
  return { kind: 'handoff', to: roll < 0.22 ? NOBODY : to, hasSecret }
}

/** Some handlers ask, not too deep; sometimes themselves, or nobody. */
function createAsks(scenario: Scenario, path: string, chance: Chance): readonly string[] {
  const depth = path.split('.a').length - 1
  if (!scenario.hasAsks || depth > 2 || !chance.is(0.25)) return []
  const anyRole = () => scenario.roles[chance.below(scenario.roles.length)]?.name ?? NOBODY
  return Array.from({ length: chance.pick(1, 1, 2, 3) }, () =>
    chance.is(0.05) ? NOBODY : anyRole(),
  )
}

/** Few words, so that one finds what another has remembered. */
const WORDS = ['plan', 'price', 'person'] as const

function createMemory(place: string): readonly MemoryPlan[] {
  const chance = new Chance(fingerprint(`${place} memory`))
  return Array.from({ length: chance.pick(0, 1, 2, 3) }, () => ({
    kind: chance.pick('set', 'get', 'search'),
    word: chance.pick(...WORDS),
  }))
}

function createFanOut(scenario: Scenario, path: string, chance: Chance): EndPlan | undefined {
  const depth = path.split('.b').length - 1
  if (!scenario.hasFanOuts || depth > 1 || !chance.is(depth === 0 ? 0.3 : 0.15)) return undefined
  const { roles } = scenario
  const anyRole = () => roles[chance.below(roles.length)]?.name ?? NOBODY
  const join = chance.pick('all', 'settled', 'settled', 'first')
  const most = join === 'first' ? chance.between(2, 5) : chance.pick(1, 2, 2, 3, 8)
  return {
    kind: 'fan-out',
    to: anyRole(),
    join,
    branches: Array.from({ length: most }, () => (chance.is(0.03) ? NOBODY : anyRole())),
  }
}

/** The `once` step of a message, the same in all its attempts, which may be inside another one. */
function createOnce(place: string, steps: StepMaker): StepPlan | undefined {
  const chance = new Chance(fingerprint(`${place} once`))
  if (!chance.is(0.12)) return undefined
  const isInside = chance.is(0.3)
  const shellEnds = chance.pick<'later' | 'at once'>('later', 'at once')
  const once: StepPlan = {
    ...steps.plain('once', 'tool', fingerprint(place)),
    isOnce: true,
    ends: chance.pick('later', 'later', 'at once'),
    ...(chance.is(0.15) ? { failure: 'error', isCaught: steps.hasFailure || chance.is(0.5) } : {}),
  }
  if (!isInside) return once
  const shell = steps.plain('shell', 'tool', fingerprint(place))
  return { ...shell, ends: shellEnds, isCaught: once.isCaught, inner: [once] }
}

class StepMaker {
  readonly #scenario: Scenario
  readonly #chance: Chance
  readonly #place: string
  #count = 0
  /** Only one failure may reach the handler, so that no race decides which. */
  hasFailure = false

  constructor(scenario: Scenario, chance: Chance, place: string) {
    this.#scenario = scenario
    this.#chance = chance
    this.#place = place
  }

  create(level: number): StepPlan {
    const chance = this.#chance
    const label = `step-${++this.#count}`
    const kind = chance.pick<StepKind>('effect', 'effect', 'tool', 'model')
    const isCaught = this.hasFailure || chance.is(0.7)
    const failure = chance.is(0.08)
      ? { failure: chance.pick<'error' | 'terminal'>('error', 'error', 'terminal'), isCaught }
      : {}
    if ('failure' in failure && !isCaught) this.hasFailure = true
    const ends = chance.is(0.015) ? 'never' : chance.pick<'later' | 'at once'>('later', 'at once')
    const inner =
      level < 2 && chance.is(0.15)
        ? Array.from({ length: chance.between(1, 2) }, () => this.create(level + 1))
        : []
    return {
      ...this.plain(label, kind, fingerprint(`${this.#place} ${label}`) % 1_000),
      ...failure,
      ends,
      // What waits has its own timeout, so nothing in it hangs.
      waits: ends !== 'never' && inner.length === 0 && (kind === 'model' || chance.is(0.1)),
      tokens: kind === 'model' ? chance.between(1, 12) : 0,
      // Inside another step the time and the chance of the attempt are not repeatable.
      asksNow: level === 0 && chance.is(0.4),
      hasSecret: this.#scenario.hasSecrets && chance.is(0.15),
      inner,
    }
  }

  plain(label: string, kind: StepKind, value: number): StepPlan {
    return {
      label,
      kind,
      value,
      isOnce: false,
      waits: false,
      ends: 'later',
      isCaught: false,
      tokens: 0,
      asksNow: false,
      hasSecret: false,
      inner: [],
    }
  }
}
