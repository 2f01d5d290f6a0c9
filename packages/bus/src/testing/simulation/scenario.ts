import { Chance } from './chance.ts'

/** A generated role: its subscriber's options, and where it tends to hand off. */
export interface RolePlan {
  readonly name: string
  readonly attempts: number
  readonly backoffMs: number
  readonly maxBackoffMs: number
  readonly deliveryTimeoutMs: number
  readonly startsPerAttempt: number
  readonly roleConcurrency: number
  readonly perRunConcurrency: number
}

/** A generated run. */
export interface RunPlan {
  readonly number: number
  readonly runId: string
  readonly to: string
  readonly variant: number
  readonly hasSecret: boolean
  readonly maxHops: number
  readonly timeoutMs?: number
  readonly maxTokens?: number
  /** Roles of the messages that are published into it from outside. */
  readonly externals: readonly string[]
  readonly isCancelled: boolean
  /** How often it is opened again, where it has ended and is not completed. */
  readonly reopenings: number
  /** The thread that it shares with other runs. */
  readonly thread?: string
}

/** Everything about a world that its seed decides before the first event. */
export interface Scenario {
  readonly seed: number
  readonly roles: readonly RolePlan[]
  readonly runs: readonly RunPlan[]
  readonly liveRuns: number
  /** Whether timers may ring while there is other work, so that anything can be late. */
  readonly hasEarlyTimers: boolean
  /** Whether some messages kill the process that handles them. */
  readonly hasKillers: boolean
  readonly hasSecrets: boolean
  readonly hasFanOuts: boolean
  readonly hasAsks: boolean
  /** Whether some handlers remember, and look for what others have remembered. */
  readonly hasMemory: boolean
  /** Names of listeners. */
  readonly listeners: readonly string[]
  /** Probability that the next event is a fault. */
  readonly faultRate: number
  /** Most ends of processes by chance. */
  readonly deaths: number
  readonly duplicateRate: number
}

const NAMES = ['planner', 'builder', 'tester', 'auditor', 'editor', 'reporter']

/** The scenario of a seed. */
export function createScenario(seed: number): Scenario {
  const chance = new Chance(Math.imul(seed, 0x9e3779b1) ^ 0x5eed)
  const roles = NAMES.slice(0, chance.between(2, 6)).map((name) => createRole(name, chance))
  const size = chance.pick(2, 2, 3, 4, 6, 20)
  const hasSecrets = chance.is(0.3)
  const runs = Array.from({ length: chance.between(1, size) }, (_, index) =>
    createRun(index + 1, roles, hasSecrets, chance),
  )
  const remembering = new Chance(Math.imul(seed, 0x9e3779b1) ^ 0x3e3)
  const hasMemory = remembering.is(0.3)
  return {
    seed,
    roles,
    runs: hasMemory ? runs.map((run) => inThread(run, remembering)) : runs,
    liveRuns: chance.is(0.3) ? chance.between(1, 4) : 100,
    hasEarlyTimers: chance.is(0.25),
    hasKillers: chance.is(0.2),
    hasSecrets,
    hasFanOuts: chance.is(0.4),
    hasAsks: chance.is(0.4),
    hasMemory,
    listeners: chance.is(0.2) ? ['ear', 'eye'].slice(0, chance.between(1, 2)) : [],
    faultRate: chance.pick(0, 0.01, 0.03, 0.1),
    deaths: chance.is(0.6) ? chance.between(1, 6) : 0,
    duplicateRate: chance.pick(0, 0.1, 0.4),
  }
}

function createRole(name: string, chance: Chance): RolePlan {
  return {
    name,
    attempts: chance.between(1, 3),
    backoffMs: chance.pick(0, 10, 250),
    maxBackoffMs: 400,
    deliveryTimeoutMs: chance.pick(1_000, 5_000),
    startsPerAttempt: chance.pick(3, 3, 3, 2, 1),
    roleConcurrency: chance.pick(64, 64, 1, 2, 3),
    perRunConcurrency: chance.pick(1, 1, 1, 2, 3),
  }
}

function createRun(
  number: number,
  roles: readonly RolePlan[],
  hasSecrets: boolean,
  chance: Chance,
): RunPlan {
  const anyRole = () => roles[chance.below(roles.length)]?.name ?? 'planner'
  return {
    number,
    runId: `run-${number}`,
    to: anyRole(),
    variant: chance.below(1_000),
    hasSecret: hasSecrets && chance.is(0.5),
    maxHops: chance.pick(32, 32, 8, 4, 2),
    ...(chance.is(0.1) ? { timeoutMs: chance.pick(500, 2_000, 8_000) } : {}),
    ...(chance.is(0.1) ? { maxTokens: chance.between(5, 60) } : {}),
    externals: chance.is(0.25) ? Array.from({ length: chance.between(1, 5) }, anyRole) : [],
    isCancelled: chance.is(0.08),
    reopenings: chance.pick(0, 0, 0, 0, 1, 2),
  }
}

function inThread(run: RunPlan, chance: Chance): RunPlan {
  return chance.is(0.6) ? { ...run, thread: chance.pick('talk', 'chat') } : run
}
