import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { type BatchReport, summarize } from './simulation/batch.ts'
import { explain } from './simulation/explain.ts'
import { shrink } from './simulation/shrink.ts'
import { type SimulationReport, simulate } from './simulation/simulate-seed.ts'
import type { CreateStore } from './simulation/store.ts'
import { STORES, type StoreName, storeNamed } from './simulation/stores.ts'
import { simulateOnWorkers } from './simulation/workers.ts'

const USAGE = `pnpm simulate [--seeds N] [--first S] [--seed S [--schedule 1,0,2]] [--journal J] [--workers N] [--json]

  --seeds N       how many seeds to simulate (default 1000)
  --first S       the first of them (default 1)
  --seed S        only this one, with a line for each event
  --schedule …    the choices to repeat with it, as a failure printed them
  --journal J     memory or sqlite: a file that processes share (default memory)
  --workers N     threads (default: one for each core)
  --json          the report as JSON`

interface Arguments {
  readonly seeds: number
  readonly first: number
  readonly seed?: number
  readonly schedule?: readonly number[]
  readonly store: StoreName
  readonly workers: number
  readonly isJson: boolean
  readonly isHelp: boolean
}

function parseArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '1000' },
      first: { type: 'string', default: '1' },
      seed: { type: 'string' },
      schedule: { type: 'string' },
      journal: { type: 'string', default: 'memory' },
      workers: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { seed, schedule } = values
  if (schedule !== undefined && seed === undefined) {
    throw new Error('--schedule belongs to one seed: name it with --seed')
  }
  return {
    seeds: wholeNumber('--seeds', values.seeds, 1),
    first: wholeNumber('--first', values.first, 0),
    store: storeName(values.journal),
    workers: wholeNumber('--workers', values.workers, 1),
    ...(seed === undefined ? {} : { seed: wholeNumber('--seed', seed, 0) }),
    ...(schedule === undefined
      ? {}
      : { schedule: schedule.split(',').map((choice) => wholeNumber('--schedule', choice, 0)) }),
    isJson: values.json,
    isHelp: values.help,
  }
}

function storeName(text: string): StoreName {
  const name = STORES.find((known) => known === text)
  if (name !== undefined) return name
  throw new Error(`--journal is '${text}': expected ${STORES.join(' or ')}`)
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least)) {
    throw new Error(`${name} is '${text}': expected a whole number from ${least}`)
  }
  return value
}

/** Simulates one seed, or the schedule given for it. */
async function simulateOne(
  seed: number,
  schedule: readonly number[] | undefined,
  store: CreateStore,
): Promise<SimulationReport> {
  const options = { isTraced: true, store, ...(schedule === undefined ? {} : { schedule }) }
  const report = await simulate(seed, options)
  if (report.broken === undefined || schedule !== undefined) return report
  return shrink(report, () => ({}), store)
}

async function simulateMany({
  first,
  seeds,
  store,
  workers,
  isJson,
}: Arguments): Promise<BatchReport> {
  const isShown = process.stderr.isTTY && !isJson
  const batch = await simulateOnWorkers({ first, seeds, store }, workers, ({ seeds: done }) => {
    if (isShown) process.stderr.write(`\r${done} of ${seeds} seeds`)
  })
  if (isShown) process.stderr.write('\r\x1b[K')
  if (batch.failure === undefined) return batch
  return { ...batch, failure: await shrink(batch.failure, () => ({}), storeNamed(store)) }
}

async function main(): Promise<number> {
  let given: Arguments
  try {
    given = parseArguments(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return 2
  }
  // The last line of what is explained is the command that repeats it.
  const again = given.store === 'memory' ? '' : ` --journal ${given.store}`
  const print = (text: string) => process.stdout.write(`${text}\n`)
  if (given.isHelp) {
    print(USAGE)
    return 0
  }
  if (given.seed !== undefined) {
    const report = await simulateOne(given.seed, given.schedule, storeNamed(given.store))
    if (given.isJson) print(JSON.stringify(report))
    else {
      const lines = report.lines.map(({ event, text }) => `  ${event}: ${text}`)
      print(
        report.broken === undefined
          ? [...lines, explain(report)].join('\n')
          : explain(report) + again,
      )
    }
    return report.broken === undefined ? 0 : 1
  }
  const batch = await simulateMany(given)
  if (given.isJson) print(JSON.stringify(batch))
  else {
    if (batch.failure !== undefined) print(explain(batch.failure) + again)
    print(summarize(batch))
  }
  return batch.failure === undefined ? 0 : 1
}

process.exitCode = await main()
