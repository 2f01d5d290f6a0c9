import { createBus, defineMessage } from '../../packages/bus/dist/index.js'
import { openJournal } from '../../packages/bus/dist/sqlite/index.js'
import { create } from '../contenders/bus.mjs'
import { task } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

const AT_ONCE = 1_000

/** Records of a run: that it is opened and over, four messages, three settlements. */
const PER_RUN = 9

/** Runs that no process has finished, in a journal of any size. */
const LEFT_OPEN = 10

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
    journal,
    records,
    runs: runIds.length,
    bytes: journal.size,
    tookMs,
    anyRun: () => runIds[Math.floor(Math.random() * runIds.length)],
    async reopen() {
      const again = await openJournal(path, { mode: 'read' })
      await again.close()
    },
    close: () => journal.close(),
  }
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
