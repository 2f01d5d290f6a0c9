import {
  createBus,
  defineMessage,
  findRun,
  listRuns,
  readRun,
} from '../../packages/bus/dist/index.js'
import { openJournal } from '../../packages/bus/dist/sqlite/index.js'
import { create } from '../contenders/bus.mjs'
import { task } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

const AT_ONCE = 1_000

/** Records of a run: that it is opened and over, four messages, three settlements. */
const PER_RUN = 9

/** Runs that no process has finished, in a journal of any size. */
const LEFT_OPEN = 10

/** Letters of an id that tell it from all others. */
const PREFIX = 10

/** Fills a journal with runs until it has at least so many records, and opens it for reading. */
export async function createFilledJournal(path, least) {
  const startedAt = performance.now()
  const writing = await openJournal(path)
  const runIds = await leaveOpen(writing)
  const { bus, run, close } = create({ journal: writing })
  bus.observe(({ kind, runId }) => {
    if (kind === 'run.opened') runIds.push(runId)
  })
  while (runIds.length * PER_RUN < least) {
    const missing = Math.ceil(least / PER_RUN) - runIds.length
    const wave = { length: Math.min(AT_ONCE, missing) }
    await Promise.all(Array.from(wave, () => run(task)))
  }
  const records = await writing.lastSeq()
  await close()
  await writing.close()
  const tookMs = performance.now() - startedAt
  const journal = await openJournal(path, { mode: 'read' })
  return {
    records,
    runs: runIds.length,
    bytes: journal.size,
    tookMs,
    readings: readings(path, journal, runIds),
    close: () => journal.close(),
  }
}

/** What is read of a journal, by the name of the reading. */
function readings(path, journal, runIds) {
  const runs = (journal) => readFirst(listRuns(journal), 20)
  const openRuns = (journal) => readFirst(journal.runs({ status: ['open'] }), LEFT_OPEN)
  const trace = async (journal) => {
    const runId = runIds[Math.floor(Math.random() * runIds.length)]
    const { graph } = await readRun(journal, await findRun(journal, runId.slice(0, PREFIX)))
    if (graph.nodes.size === 0) throw new Error(`run ${runId} has no messages`)
  }
  const command = (read) => async () => {
    await using again = await openJournal(path, { mode: 'read' })
    await read(again)
  }
  return {
    runs: command(runs),
    trace: command(trace),
    resume: command(openRuns),
    'one-run': () => trace(journal),
    'open-runs': () => openRuns(journal),
  }
}

/** Reads a listing, or the first so many of it. */
async function readFirst(listing, limit) {
  let count = 0
  for await (const _ of listing) if (++count === limit) return
  throw new Error(`there were ${count} of ${limit} to read`)
}

/** Begins runs that are not over when their bus closes; gives their ids. */
async function leaveOpen(journal) {
  await using bus = createBus({ journal })
  const TaskRequested = defineMessage('task.requested', schemas.task)
  bus.subscribe('planner', { accepts: [TaskRequested], handle: () => new Promise(() => {}) })
  const runs = Array.from({ length: LEFT_OPEN }, () =>
    bus.publish('planner', TaskRequested, task, { terminal: TaskRequested }),
  )
  for (const { opened, result } of runs) {
    result.catch(() => {})
    await opened
  }
  return runs.map(({ id }) => id)
}
