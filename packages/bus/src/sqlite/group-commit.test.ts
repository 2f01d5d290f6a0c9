import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { GroupCommit } from './group-commit.ts'

/** Far more than what is written in one transaction. */
const MANY = 1_000

describe('GroupCommit', () => {
  test('writes much in its order, and lets the event loop have its turns', async () => {
    using database = numbers()
    const commits = new GroupCommit('numbers', database, () => {})
    const insert = database.prepare('INSERT INTO numbers (value) VALUES (?)')
    const stored: number[] = []

    const writes = Array.from({ length: MANY }, async (_, value) => {
      await commits.run({ write: () => insert.run(value) })
      stored.push(value)
    })
    await setImmediate()
    const afterOneTurn = stored.length
    await Promise.all(writes)

    expect(afterOneTurn).toBeGreaterThan(0)
    expect(afterOneTurn).toBeLessThan(MANY)
    const all = Array.from({ length: MANY }, (_, value) => value)
    expect(stored).toEqual(all)
    expect(valuesOf(database)).toEqual(all)
  })

  test('writes nothing that was asked for before the transaction that failed was over', async () => {
    using database = numbers()
    const commits = new GroupCommit('numbers', database, () => {})
    const insert = database.prepare('INSERT INTO numbers (value) VALUES (?)')
    let failed = 0

    const writes = Array.from({ length: MANY }, (_, value) =>
      commits.run({ write: () => insert.run(value === 7 ? null : value), failed: () => failed++ }),
    )
    const outcomes = await Promise.allSettled(writes)

    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(failed).toBe(MANY)
    expect(valuesOf(database)).toEqual([])
    await commits.run({ write: () => insert.run(1) })
    expect(valuesOf(database)).toEqual([1])
  })
})

function numbers(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE numbers (at INTEGER PRIMARY KEY, value INTEGER NOT NULL)')
  return database
}

function valuesOf(database: DatabaseSync): unknown[] {
  return database
    .prepare('SELECT value FROM numbers ORDER BY at')
    .all()
    .map(({ value }) => value)
}
