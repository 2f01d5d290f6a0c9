import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../../test/temporary-folder.ts'
import { InvalidOptionError, JournalFileError, type JournalFileProblem } from '../errors.ts'
import { Secret } from '../secret.ts'
import { collect } from '../testing/contract/collect.ts'
import { ending, opening, openRun, step } from '../testing/contract/drafts.ts'
import { openJournal } from './open-journal.ts'

const PASSWORD = 'opensesame'

/** The path of a journal with one run, which has a secret. */
async function written(folder: TemporaryFolder): Promise<string> {
  const path = folder.file('journal.db')
  await using journal = await openJournal(path)
  const lease = await openRun(journal, 'a')
  const password = new Secret(PASSWORD).name('secret:a/1.1#1')
  await journal.append([step('a', 1, { length: 10 }, { password }), ending('a')], lease)
  return path
}

/** Everything in a folder, but for what SQLite shares among processes. */
function contents(folder: TemporaryFolder): ReadonlyMap<string, string> {
  const names = readdirSync(folder.path).filter((name) => !/-(wal|shm)$/.test(name))
  return new Map(names.map((name) => [name, readFileSync(folder.file(name)).toString('base64')]))
}

/** The problem that opening has, with everything left as it was. */
async function problemOf(
  folder: TemporaryFolder,
  path: string,
  options: Parameters<typeof openJournal>[1] = {},
): Promise<JournalFileProblem> {
  const before = contents(folder)
  const error = await openJournal(path, options).then(
    () => new Error('it was opened'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof JournalFileError)) throw error
  expect(error.message).toMatch(/^\S+: [^\n]+$/)
  expect(error.path).toContain(folder.path)
  expect(contents(folder)).toEqual(before)
  return error.code
}

describe('a journal file', () => {
  test('is made for its owner alone, as is its key', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(folder.file('journal.db'))
    await openRun(journal, 'a')
    const modes = readdirSync(folder.path).map((name) => [
      name,
      statSync(folder.file(name)).mode & 0o777,
    ])
    expect(Object.fromEntries(modes)).toEqual({
      'journal.db': 0o600,
      'journal.db-shm': 0o600,
      'journal.db-wal': 0o600,
      'journal.key': 0o600,
    })
    expect(journal.size).toBeGreaterThan(4_096)
  })

  test('is made private where it was an empty file, and its key where it is not', async () => {
    using folder = temporaryFolder()
    const path = folder.file('journal.db')
    writeFileSync(path, '', { mode: 0o644 })
    const modes = () =>
      [path, folder.file('journal.key')].map((file) => statSync(file).mode & 0o777)

    await (await openJournal(path)).close()
    expect(modes()).toEqual([0o600, 0o600])
    chmodSync(folder.file('journal.key'), 0o644)
    await (await openJournal(path, { mode: 'read' })).close()
    expect(modes()).toEqual([0o600, 0o644])
    await (await openJournal(path)).close()
    expect(modes()).toEqual([0o600, 0o600])
  })

  test('has what was in it when it is opened again', async () => {
    using folder = temporaryFolder()
    const path = await written(folder)
    await using journal = await openJournal(path)
    const records = await collect(journal.read())
    expect(records.map(({ kind }) => kind)).toEqual(['run.opened', 'message', 'step', 'run.ended'])
    expect(records.every(Object.isFrozen)).toBe(true)
    const { outcome } = Object(records[2])
    expect(outcome.response.password.reveal()).toBe(PASSWORD)
    for (const content of contents(folder).values()) {
      expect(Buffer.from(content, 'base64').includes(PASSWORD)).toBe(false)
    }
  })

  test('prints no warning', () => {
    using folder = temporaryFolder()
    const script = `import { openJournal } from '@nanoagent/bus/sqlite'
      await (await openJournal(${JSON.stringify(folder.file('journal.db'))})).close()`
    const args = ['--conditions=nanoagent-source', '--input-type=module', '--eval', script]
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test.each<readonly [JournalFileProblem, string, (path: string) => void]>([
    ['not_a_journal', 'a text', (path) => writeFileSync(path, 'no journal, but long '.repeat(500))],
    [
      'not_a_journal',
      'another database',
      (path) => {
        rmSync(path)
        change(path, 'CREATE TABLE things (name TEXT)')
      },
    ],
    [
      'not_a_journal',
      'a database of another application',
      (path) => change(path, 'PRAGMA application_id = 7'),
    ],
    ['newer_journal', 'a newer version', (path) => change(path, 'PRAGMA user_version = 99')],
    ['journal_damaged', 'nothing any more', (path) => truncateSync(path, 0)],
    ['journal_damaged', 'a part of its first page', (path) => truncateSync(path, 100)],
    ['journal_damaged', 'its first page', (path) => truncateSync(path, 4_096)],
    [
      'journal_damaged',
      'all but its last byte',
      (path) => truncateSync(path, statSync(path).size - 1),
    ],
  ])('is refused as %s where it is %s, in both modes', async (problem, _what, spoil) => {
    using folder = temporaryFolder()
    const path = await written(folder)
    spoil(path)
    expect(await problemOf(folder, path)).toBe(problem)
    expect(await problemOf(folder, path, { mode: 'read' })).toBe(problem)
  })

  test('says which version it has, and which one is known', async () => {
    using folder = temporaryFolder()
    const path = await written(folder)
    change(path, 'PRAGMA user_version = 99')
    await expect(openJournal(path)).rejects.toThrow('version 99, this is for version 2')
  })

  test('is refused where the file is empty and its WAL file is not, which stays', async () => {
    using folder = temporaryFolder()
    const path = folder.file('journal.db')
    {
      await using journal = await openJournal(path)
      await openRun(journal, 'a')
      copyFileSync(`${path}-wal`, folder.file('copy.db-wal'))
    }
    writeFileSync(folder.file('copy.db'), '')
    const { size } = statSync(folder.file('copy.db-wal'))
    expect(await problemOf(folder, folder.file('copy.db'))).toBe('journal_damaged')
    expect(statSync(folder.file('copy.db-wal')).size).toBe(size)
  })

  test('that is not there is not made for reading, nor in a folder that is not there', async () => {
    using folder = temporaryFolder()
    const read = problemOf(folder, folder.file('none.db'), { mode: 'read' })
    expect(await read).toBe('journal_not_found')
    expect(await problemOf(folder, folder.file('none/none.db'))).toBe('journal_read_only')
    expect(await problemOf(folder, folder.path)).toBe('not_a_journal')
    await expect(openJournal(folder.file('my.key'))).rejects.toThrow(InvalidOptionError)
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('that another process has locked is refused after a short wait', async () => {
    using folder = temporaryFolder()
    const path = await written(folder)
    using other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    await expect(openJournal(path)).rejects.toMatchObject({ code: 'journal_locked' })
  })

  test('is only read in mode read', async () => {
    using folder = temporaryFolder()
    const path = await written(folder)
    await using journal = await openJournal(path, { mode: 'read' })
    const lease = { runId: 'b', epoch: 1, owner: 'me' }
    const refused = { code: 'journal_read_only' }
    await expect(journal.append(opening('b'), lease)).rejects.toMatchObject(refused)
    await expect(journal.acquire('a', 'me')).rejects.toMatchObject(refused)
    await expect(journal.prune({ keep: 0 })).rejects.toMatchObject(refused)
    await expect(journal.memory.forget({})).rejects.toMatchObject(refused)
    expect(await collect(journal.read())).toHaveLength(4)
    expect(await journal.verify()).toEqual({ problems: [], runs: 1, records: 4 })
  })

  test('in a folder that cannot be written is read, and not written', () => {
    using folder = temporaryFolder()
    const script = `import { openJournal } from '@nanoagent/bus/sqlite'
      const path = ${JSON.stringify(folder.file('journal.db'))}
      await (await openJournal(path)).close()
      const { chmodSync } = await import('node:fs')
      chmodSync(${JSON.stringify(folder.path)}, 0o555)
      if (process.getuid() === 0) {
        const { chownSync } = await import('node:fs')
        for (const file of [path, path.replace('.db', '.key')]) chownSync(file, 65534, 65534)
        process.setuid(65534)
      }
      await (await openJournal(path, { mode: 'read' })).lastSeq()
      for (const file of [path, path.replace('journal', 'other')]) {
        await openJournal(file).then(() => console.log('opened'), ({ code }) => console.log(code))
      }`
    const args = ['--conditions=nanoagent-source', '--input-type=module', '--eval', script]
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    })
    chmodSync(folder.path, 0o755)
    expect(stderr).toBe('')
    expect(stdout).toBe('journal_read_only\njournal_read_only\n')
  })

  test('that is closed says so', async () => {
    using folder = temporaryFolder()
    const path = await written(folder)
    const journal = await openJournal(path)
    await journal.close()
    await journal.close()
    const closed = { code: 'journal_closed' }
    await expect(journal.lastSeq()).rejects.toMatchObject(closed)
    await expect(collect(journal.read())).rejects.toMatchObject(closed)
    await expect(
      journal.append(opening('b'), { runId: 'b', epoch: 1, owner: 'me' }),
    ).rejects.toMatchObject(closed)
    expect(await journal.renew({ runId: 'b', epoch: 1, owner: 'me' })).toBe(false)
    await journal.release({ runId: 'b', epoch: 1, owner: 'me' })
  })

  test.each([0, -1, Number.NaN])('refuses a lease of %o ms', async (leaseMs) => {
    using folder = temporaryFolder()
    await expect(openJournal(folder.file('journal.db'), { leaseMs })).rejects.toThrow(
      InvalidOptionError,
    )
  })
})

describe('the key of a journal', () => {
  test('that is missing is refused for writing; all but the values is read without', async () => {
    using folder = temporaryFolder()
    const path = await written(folder)
    rmSync(folder.file('journal.key'))
    expect(await problemOf(folder, path)).toBe('no_journal_key')
    const named = { mode: 'read', keyFile: folder.file('named.key') } as const
    expect(await problemOf(folder, path, named)).toBe('no_journal_key')
    await using journal = await openJournal(path, { mode: 'read' })
    const records = await collect(journal.read())
    const { password } = Object(records[2]).outcome.response
    expect(String(password)).toBe('secret:a/1.1#1')
    expect(password.mask()).toBe('********')
    expect(() => password.reveal()).toThrow('secret:a/1.1#1 has no value here')
    expect(() => journal.memory.fingerprint('x')).toThrow('without its key')
    expect((await journal.verify()).problems).toEqual([])
  })

  test('that belongs to another journal, or is none, is refused in both modes', async () => {
    using folder = temporaryFolder()
    const path = await written(folder)
    for (const bytes of [32, 31, 0, 64]) {
      writeFileSync(folder.file('journal.key'), Buffer.alloc(bytes))
      expect(await problemOf(folder, path)).toBe('wrong_journal_key')
      expect(await problemOf(folder, path, { mode: 'read' })).toBe('wrong_journal_key')
    }
  })

  test('may be somewhere else', async () => {
    using folder = temporaryFolder()
    const keyFile = folder.file('elsewhere')
    for (const mode of ['write', 'read'] as const) {
      await using journal = await openJournal(folder.file('journal.db'), { keyFile, mode })
      expect(journal.memory.fingerprint('x')).toHaveLength(64)
    }
    expect(readdirSync(folder.path).sort()).toContain('elsewhere')
    expect(readdirSync(folder.path)).not.toContain('journal.key')
  })

  test('that is left from a journal that was deleted serves the next one', async () => {
    using folder = temporaryFolder()
    const path = await written(folder)
    rmSync(path)
    await using journal = await openJournal(path)
    expect(await journal.lastSeq()).toBe(0)
  })
})

/** Changes a database as nobody should. */
function change(path: string, sql: string): void {
  using database = new DatabaseSync(path)
  database.exec(sql)
}
