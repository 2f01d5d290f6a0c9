import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { type BatchReport, summarize } from './simulation/batch.ts'
import { explain } from './simulation/explain.ts'
import { shrink } from './simulation/shrink.ts'
import { type SimulationReport, simulate } from './simulation/simulate-seed.ts'
import { simulateOnWorkers } from './simulation/workers.ts'

const USAGE = `pnpm simulate [--seeds N] [--first S] [--seed S [--schedule 1,0,2]] [--workers N] [--json]

  --seeds N       how many seeds to simulate (default 1000)
  --first S       the first of them (default 1)
  --seed S        only this one, with a line for each event
  --schedule …    the choices to repeat with it, as a failure printed them
  --workers N     threads (default: one for each core)
  --json          the report as JSON`

interface Arguments {
  readonly seeds: number
  readonly first: number
  readonly seed?: number
  readonly schedule?: readonly number[]
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
    workers: wholeNumber('--workers', values.workers, 1),
    ...(seed === undefined ? {} : { seed: wholeNumber('--seed', seed, 0) }),
    ...(schedule === undefined
      ? {}
      : { schedule: schedule.split(',').map((choice) => wholeNumber('--schedule', choice, 0)) }),
    isJson: values.json,
    isHelp: values.help,
  }
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
): Promise<SimulationReport> {
  const options = { isTraced: true, ...(schedule === undefined ? {} : { schedule }) }
  const report = await simulate(seed, options)
  return report.broken === undefined || schedule !== undefined ? report : shrink(report)
}

async function simulateMany({ first, seeds, workers, isJson }: Arguments): Promise<BatchReport> {
  const isShown = process.stderr.isTTY && !isJson
  const batch = await simulateOnWorkers({ first, seeds }, workers, ({ seeds: done }) => {
    if (isShown) process.stderr.write(`\r${done} of ${seeds} seeds`)
  })
  if (isShown) process.stderr.write('\r\x1b[K')
  return batch.failure === undefined ? batch : { ...batch, failure: await shrink(batch.failure) }
}

async function main(): Promise<number> {
  let given: Arguments
  try {
    given = parseArguments(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return 2
  }
  const print = (text: string) => process.stdout.write(`${text}\n`)
  if (given.isHelp) {
    print(USAGE)
    return 0
  }
  if (given.seed !== undefined) {
    const report = await simulateOne(given.seed, given.schedule)
    if (given.isJson) print(JSON.stringify(report))
    else {
      const lines = report.lines.map(({ event, text }) => `  ${event}: ${text}`)
      print(report.broken === undefined ? [...lines, explain(report)].join('\n') : explain(report))
    }
    return report.broken === undefined ? 0 : 1
  }
  const batch = await simulateMany(given)
  if (given.isJson) print(JSON.stringify(batch))
  else {
    if (batch.failure !== undefined) print(explain(batch.failure))
    print(summarize(batch))
  }
  return batch.failure === undefined ? 0 : 1
}

process.exitCode = await main()
