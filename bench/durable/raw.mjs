import { DatabaseSync } from 'node:sqlite'

/** Stores the rows of so many runs, each row in a transaction of its own. */
export function rawInsert(path, rows) {
  const { insert, close } = openTable(path)
  return {
    wave(count) {
      for (const row of rows) for (let run = 0; run < count; run++) insert.run(run, row)
    },
    close,
  }
}

/** Stores the rows of so many runs, in one transaction what they would store at the same time. */
export function rawGroup(path, rows) {
  const { insert, begin, commit, close } = openTable(path)
  return {
    wave(count) {
      for (const row of rows) {
        begin.run()
        for (let run = 0; run < count; run++) insert.run(run, row)
        commit.run()
      }
    },
    close,
  }
}

/** The plainest table that keeps rows in their order, at the same durability as ours. */
function openTable(path) {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE messages (seq INTEGER PRIMARY KEY, run INTEGER, body TEXT)')
  return {
    insert: database.prepare('INSERT INTO messages (run, body) VALUES (?, ?)'),
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    close: () => database.close(),
  }
}
