import { strictEqual } from 'node:assert/strict'
import { createContender } from '../contender.mjs'
import { expectedReport, task } from '../scenario.mjs'
import { rawGroup, rawInsert } from './raw.mjs'

/** Deliveries of a run: what a hop costs is what a run costs, divided by them. */
export const HOPS = 3

/** Appends of a run of ours: one that opens it, and one for each delivery. */
export const ROWS = HOPS + 1

/** The raw contenders, ours, and the peer. */
export const INSERT = 'raw-insert'
export const GROUP = 'raw-group'
export const OURS = 'bus'
export const PEER = 'langgraph'

/**
 * Creates every contender, each with a file of its own: it gives `wave(count)`, which has so many runs at
 * once. What costs the same with many has an `upTo`.
 */
export async function createDurables(folder) {
  const bus = await import('./bus.mjs')
  const langgraph = await import('./langgraph.mjs')
  const memory = await import('./bus-in-memory.mjs')
  const rows = await bus.rowsOfRun(folder.file('rows.db'))
  strictEqual(rows.length, ROWS, 'a run stores another number of rows')
  const runners = { memory, [OURS]: bus, [PEER]: langgraph }
  return [
    {
      name: INSERT,
      title: 'INSERT, a commit for each',
      ...rawInsert(folder.file('one.db'), rows),
      upTo: 1,
    },
    { name: GROUP, title: 'INSERT, a commit for all', ...rawGroup(folder.file('all.db'), rows) },
    ...(await Promise.all(
      Object.entries(runners).map(([name, runner]) => createRunner(name, runner, folder)),
    )),
  ]
}

async function createRunner(name, { title, create }, folder) {
  const runner = { title, create: () => create(folder.file(`${name}.db`)) }
  const { run, ...contender } = await createContender(name, runner, { task, expectedReport })
  const wave = (count) => Promise.all(Array.from({ length: count }, () => run(task)))
  return { ...contender, wave }
}
