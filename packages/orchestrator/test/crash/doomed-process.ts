import { readFileSync, writeSync } from 'node:fs'
import { createOpenAIModel } from '@nanoagent/agents/openai'
import { canonicalHash, describe, type Journal, type Lease } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { jumpingRuntime } from './jumping-clock.ts'
import { MODEL, Orders, type Report } from './orders.ts'
import { createPlayer } from './player.ts'
import { anyOrder } from './requests.ts'

// Plays a team on a journal in a file, by the orders in its first argument, until all its runs have ended
// or it kills itself. It reports with one write a line: a process that is killed has said all of it.

const orders = Orders.parse(JSON.parse(process.argv[2] ?? ''))

function report(line: Report): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

const nothing = new Promise<never>(() => {})

/** The same journal, which reports what it has acknowledged, and at which the process kills itself. */
function doomed(journal: Journal, dies: Orders['dies']): Journal {
  let appends = 0
  let stored: Promise<unknown> = Promise.resolve()
  const append = journal.append.bind(journal)
  const renew = journal.renew.bind(journal)
  return Object.assign(journal, {
    renew: async (lease: Lease) => orders.trusts || renew(lease),
    append: async (...[batch, lease]: Parameters<Journal['append']>) => {
      if (++appends === orders.jumps?.append) runtime.jump(orders.jumps.ms)
      const moment = appends === dies?.append ? dies.moment : undefined
      if (moment === 'before') {
        await stored
        die()
      }
      if (dies?.moment === 'before' && appends > dies.append) return nothing
      if (orders.stops !== undefined && appends >= orders.stops) return nothing
      const storing = append(batch, lease)
      stored = storing.catch(() => {})
      const records = await storing
      if (moment === 'stored') die()
      report({
        what: 'acknowledged',
        records: records.map((record) => [record.seq, canonicalHash(record)]),
      })
      if (moment === 'told') setImmediate(die)
      return records
    },
  })
}

if (orders.waits) readFileSync(0)
report({ what: 'opens' })
const runtime = jumpingRuntime()
const { leaseMs, seed, startsPerAttempt, timeoutMs, effects } = orders
const opened = await openJournal(orders.journal, {
  runtime,
  ...(leaseMs === undefined ? {} : { leaseMs }),
})
report({ what: 'opened', lastSeq: await opened.lastSeq() })
const journal = doomed(opened, orders.dies)
const model = createOpenAIModel({ model: MODEL, apiKey: orders.name, baseUrl: orders.baseUrl })
const player = createPlayer(orders.team, {
  ...{ journal, model, runtime, startsPerAttempt, timeoutMs, effects },
  seedOf: () => seed,
})

async function goOn(runId: string): Promise<void> {
  try {
    const { result } = await player.resume(runId)
    report({ what: 'resumed', runId })
    await end(runId, result)
  } catch (error) {
    report({ what: 'refused', runId, error: describe(error) })
  }
}

async function end(runId: string, running: ReturnType<typeof player.run>): Promise<void> {
  try {
    const { status, reason } = await running
    report({ what: 'ended', runId, status, ...(reason === undefined ? {} : { reason }) })
  } catch (error) {
    report({ what: 'stopped', runId, error: describe(error) })
  }
}

const runs: Promise<void>[] = []
if (orders.resumes) {
  for await (const { runId } of journal.runs({ status: ['open'] })) runs.push(goOn(runId))
}
const more = Array.from({ length: Math.max(0, orders.fillsTo - runs.length) }, (_none, n) =>
  anyOrder(orders.name, n),
)
for (const order of [...orders.begin, ...more]) runs.push(end(order.runId, player.run(order)))
await Promise.all(runs)
await player[Symbol.asyncDispose]()
await journal.close()
