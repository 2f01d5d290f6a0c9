import { DatabaseSync } from 'node:sqlite'
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite'
import { create as createGraph } from '../contenders/langgraph.mjs'

export const title = 'LangGraph.js, SQLite saver'

/**
 * The graph with the saver of its own package, at the same durability as ours: each checkpoint is in the
 * file, with an fsync, before the next step begins.
 */
export function create(path) {
  const database = new DatabaseSync(path)
  const checkpointer = new SqliteSaver(asBetterSqlite3(database))
  checkpointer.setup()
  database.exec('PRAGMA synchronous = FULL')
  const { close, ...contender } = createGraph({ checkpointer })
  return {
    ...contender,
    async close() {
      await close()
      database.close()
    },
  }
}

/**
 * Node's own SQLite with as much of the face of better-sqlite3 as the saver looks at. That module would have
 * to be compiled, and both would run the same engine.
 */
function asBetterSqlite3(database) {
  const begin = database.prepare('BEGIN')
  const commit = database.prepare('COMMIT')
  return {
    exec: (sql) => database.exec(sql),
    pragma: (text) => database.exec(`PRAGMA ${text}`),
    prepare(sql) {
      const statement = database.prepare(sql)
      const bound = (values) => values.map((value) => value ?? null)
      return {
        run: (...values) => statement.run(...bound(values)),
        get: (...values) => statement.get(...bound(values)),
        all: (...values) => statement.all(...bound(values)),
      }
    },
    transaction:
      (work) =>
      (...values) => {
        begin.run()
        try {
          work(...values)
          commit.run()
        } catch (error) {
          database.exec('ROLLBACK')
          throw error
        }
      },
  }
}
