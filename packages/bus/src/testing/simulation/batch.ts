import { type SimulationCounts, type SimulationReport, simulate } from './simulate-seed.ts'
import type { CreateStore } from './store.ts'

/** What came of many seeds. */
export interface BatchReport {
  readonly seeds: number
  readonly counts: SimulationCounts
  /** The report of the first seed that broke an invariant; those after it were not simulated. */
  readonly failure?: SimulationReport
}

/** Simulates seeds one after the other, up to the first that breaks an invariant. */
export async function simulateBatch(
  first: number,
  seeds: number,
  store?: CreateStore,
): Promise<BatchReport> {
  let counts = NO_COUNTS
  for (let seed = first; seed < first + seeds; seed++) {
    const report = await simulate(seed, store === undefined ? {} : { store })
    counts = addCounts(counts, report.counts)
    if (report.broken !== undefined) return { seeds: seed - first + 1, counts, failure: report }
  }
  return { seeds, counts }
}

/** Adds up two batches; of two failures the one with the lower seed stays. */
export function addBatches(a: BatchReport, b: BatchReport): BatchReport {
  const failures = [a.failure, b.failure].filter((failure) => failure !== undefined)
  const [failure] = failures.sort((one, other) => one.seed - other.seed)
  return {
    seeds: a.seeds + b.seeds,
    counts: addCounts(a.counts, b.counts),
    ...(failure === undefined ? {} : { failure }),
  }
}

const NO_COUNTS: SimulationCounts = {
  events: 0,
  runs: 0,
  completed: 0,
  messages: 0,
  handled: 0,
  steps: 0,
  retries: 0,
  timeouts: 0,
  deadLetters: 0,
  crashed: 0,
  outcomesUnknown: 0,
  deaths: 0,
  kills: 0,
  zombies: 0,
  closes: 0,
  duplicates: 0,
  refused: 0,
  fanOuts: 0,
  cancelled: 0,
  replies: 0,
  copies: 0,
  reopened: 0,
  replayed: 0,
  forked: 0,
}

/** A batch of no seeds. */
export const NO_SEEDS: BatchReport = { seeds: 0, counts: NO_COUNTS }

function addCounts(a: SimulationCounts, b: SimulationCounts): SimulationCounts {
  return {
    events: a.events + b.events,
    runs: a.runs + b.runs,
    completed: a.completed + b.completed,
    messages: a.messages + b.messages,
    handled: a.handled + b.handled,
    steps: a.steps + b.steps,
    retries: a.retries + b.retries,
    timeouts: a.timeouts + b.timeouts,
    deadLetters: a.deadLetters + b.deadLetters,
    crashed: a.crashed + b.crashed,
    outcomesUnknown: a.outcomesUnknown + b.outcomesUnknown,
    deaths: a.deaths + b.deaths,
    kills: a.kills + b.kills,
    zombies: a.zombies + b.zombies,
    closes: a.closes + b.closes,
    duplicates: a.duplicates + b.duplicates,
    refused: a.refused + b.refused,
    fanOuts: a.fanOuts + b.fanOuts,
    cancelled: a.cancelled + b.cancelled,
    replies: a.replies + b.replies,
    copies: a.copies + b.copies,
    reopened: a.reopened + b.reopened,
    replayed: a.replayed + b.replayed,
    forked: a.forked + b.forked,
  }
}

/** One line that says how much happened, so that one sees that the faults did. */
export function summarize({ seeds, counts }: BatchReport): string {
  const parts = [
    `${counts.runs} runs (${counts.completed} completed)`,
    `${counts.handled} deliveries`,
    `${counts.steps} steps`,
    `${counts.retries} retries`,
    `${counts.timeouts} timeouts`,
    `${counts.deadLetters} dead letters (${counts.crashed} crashed, ${counts.outcomesUnknown} in doubt)`,
    `${counts.deaths + counts.kills} deaths (${counts.kills} by handlers)`,
    `${counts.zombies} zombies`,
    `${counts.closes} closed buses`,
    `${counts.duplicates} duplicates`,
    `${counts.refused} refused appends`,
    `${counts.fanOuts} fan-outs`,
    `${counts.cancelled} cancelled`,
    `${counts.replies} replies`,
    `${counts.copies} copies`,
    `${counts.reopened} runs opened again`,
    `${counts.replayed} replayed deliveries`,
    `${counts.forked} forks`,
  ]
  return `simulated ${seeds} seeds: ${parts.join(', ')}`
}
