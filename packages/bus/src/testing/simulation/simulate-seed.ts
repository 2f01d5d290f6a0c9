import { Chance } from './chance.ts'
import { Choices } from './choices.ts'
import type { ScheduleLine } from './events.ts'
import { checkForks } from './forks.ts'
import type { Broken, Findings } from './invariants.ts'
import { probeBus } from './probe.ts'
import { checkReplays } from './replays.ts'
import type { Sabotage } from './sabotage.ts'
import { createScenario } from './scenario.ts'
import type { CreateStore } from './store.ts'
import { checkWorld } from './verdict.ts'
import { World } from './world.ts'

/** What a simulation can be told. */
export interface SimulationOptions {
  /** The choices to repeat, as an earlier report has them. Default: by chance, from the seed. */
  readonly schedule?: readonly number[]
  /** Breaks a promise on purpose. */
  readonly sabotage?: Sabotage
  /** Whether the report has a line for each event. Default false. */
  readonly isTraced?: boolean
  /** Where the records are. Default: in memory. */
  readonly store?: CreateStore
}

/** How much of everything happened. */
export interface SimulationCounts {
  readonly events: number
  readonly runs: number
  readonly completed: number
  readonly messages: number
  readonly handled: number
  readonly steps: number
  readonly retries: number
  readonly timeouts: number
  readonly deadLetters: number
  readonly crashed: number
  readonly outcomesUnknown: number
  readonly deaths: number
  readonly kills: number
  readonly zombies: number
  readonly closes: number
  readonly duplicates: number
  readonly refused: number
  readonly fanOuts: number
  readonly cancelled: number
  readonly replies: number
  readonly copies: number
  readonly reopened: number
  readonly replayed: number
  readonly forked: number
}

/** What came of one seed. */
export interface SimulationReport {
  readonly seed: number
  /** Every choice of the scheduler; with the same seed it repeats the same world. */
  readonly schedule: readonly number[]
  readonly counts: SimulationCounts
  /** The first invariant that did not hold; absent where all did. */
  readonly broken?: Broken
  /** What happened, where that was asked for. */
  readonly lines: readonly ScheduleLine[]
}

/** What is checked when nothing is left to happen, and how a report calls it. */
const CHECKS: readonly (readonly [string, (world: World) => unknown])[] = [
  ['its records are checked', checkWorld],
  ['its runs are replayed', checkReplays],
  ['its runs are forked', checkForks],
  ['its bus is probed', probeBus],
]

/**
 * Runs the world of a seed: a generated team on buses whose journal, transport, time, effects and
 * deaths one scheduler controls, with every invariant of the delivery contract checked on the way.
 * Takes no real time. Deterministic, so one world at a time: unhandled rejections are attributed to it.
 */
export async function simulate(
  seed: number,
  options: SimulationOptions = {},
): Promise<SimulationReport> {
  const { schedule, ...rest } = options
  const scenario = createScenario(seed)
  const choices = new Choices(schedule ?? new Chance(Math.imul(seed, 0x85ebca6b) ^ 0xc401ce))
  const world = new World(scenario, choices, rest)
  const { findings } = world
  const onRejection = watchRejections(findings)
  process.on('unhandledRejection', onRejection)
  try {
    await findings.unthrown('it is simulated', () => world.live())
    for (const [what, check] of CHECKS) {
      if (findings.broken === undefined) await findings.unthrown(what, () => check(world))
    }
  } finally {
    process.off('unhandledRejection', onRejection)
    await world.close()
  }
  const { broken } = findings
  return {
    seed,
    schedule: choices.taken,
    counts: countsOf(world),
    ...(broken === undefined ? {} : { broken }),
    lines: world.lines,
  }
}

function watchRejections(findings: Findings): (error: unknown) => void {
  return (error) => {
    findings.break('no-unhandled-rejection', error instanceof Error ? `${error.stack}` : `${error}`)
  }
}

function countsOf({ counts, ledger, network, watch }: World): SimulationCounts {
  let runs = 0
  let completed = 0
  let messages = 0
  for (const book of ledger.runs.values()) {
    runs++
    messages += book.messages.size
    if (book.ended?.status === 'completed') completed++
  }
  const { unknown, ...counted } = ledger.counts
  return {
    ...counts,
    runs,
    completed,
    messages,
    handled: watch.counts.handled,
    steps: watch.counts.performed,
    ...counted,
    outcomesUnknown: unknown,
    duplicates: network.duplicates,
  }
}
