import { DatabaseSync } from 'node:sqlite'
import { openJournal } from '../../packages/bus/dist/sqlite/index.js'
import { create as createBus } from '../contenders/bus.mjs'
import { task } from '../scenario.mjs'

export const title = 'nanoagent bus, SQLite journal'

/** The bus on a journal in a file, nothing switched off. */
export async function create(path) {
  const journal = await openJournal(path)
  const { close, ...contender } = createBus({ journal })
  return {
    ...contender,
    async close() {
      await close()
      await journal.close()
    },
  }
}

/** The texts that one run stores, one for each of its appends. */
export async function rowsOfRun(path) {
  const { run, close } = await create(path)
  await run(task)
  await close()
  const database = new DatabaseSync(path, { readOnly: true })
  const rows = database.prepare('SELECT records FROM batches ORDER BY seq').all()
  database.close()
  return rows.map(({ records }) => records)
}
