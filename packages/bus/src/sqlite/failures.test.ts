import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, statSync, truncateSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { seededRandom } from '../random.ts'
import { collect } from '../testing/contract/collect.ts'
import { log, openRun } from '../testing/contract/drafts.ts'
import { openJournal } from './open-journal.ts'

describe('a journal that could not store a batch', () => {
  test('refuses all later ones of its leases, and takes others', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(folder.file('journal.db'))
    const [a, b] = [await openRun(journal, 'a'), await openRun(journal, 'b')]
    using other = new DatabaseSync(journal.path)
    other.exec('BEGIN IMMEDIATE')
    const locked = { code: 'journal_locked' }
    const [first, second] = await Promise.allSettled([
      journal.append([log('a', 1)], a),
      openRun(journal, 'c'),
    ])
    expect(first).toMatchObject({ status: 'rejected', reason: locked })
    expect(second).toMatchObject({ status: 'rejected', reason: locked })
    other.exec('ROLLBACK')
    await expect(journal.append([log('a', 2)], a)).rejects.toMatchObject(locked)
    await expect(openRun(journal, 'c')).rejects.toMatchObject(locked)
    expect(await journal.renew(a)).toBe(false)
    await journal.append([log('b', 1)], b)
    await journal.release(a)
    const again = await journal.acquire('a', 'other')
    if (again === undefined) throw new Error('it was given back')
    await journal.append([log('a', 1)], again)
    const { problems, records } = await journal.verify()
    expect([problems, records]).toEqual([[], 6])
  })

  test('on a disk that is full says so, loses nothing, and goes on once there is room', ({
    skip,
  }) => {
    using folder = temporaryFolder()
    mkdirSync(folder.file('disk'))
    const script = fileURLToPath(new URL('../../test/full-disk.ts', import.meta.url))
    const mount = `mount -t tmpfs -o size=1m tmpfs '${folder.file('disk')}' || exit 77
      exec '${process.execPath}' --conditions=nanoagent-source '${script}' '${folder.file('disk')}'`
    const { status, stdout, stderr } = spawnSync('unshare', ['-Urm', 'sh', '-c', mount], {
      encoding: 'utf8',
    })
    if (status !== 0 && stdout === '') return skip(`no small disk can be made here: ${stderr}`)
    expect(JSON.parse(stdout)).toEqual({
      full: ['journal_full', 'journal_full', 'journal_full'],
      room: ['journal_full', 'stored'],
      again: 'stored',
      isWhole: true,
      problems: [],
    })
  })
})

describe('a WAL file that was cut', () => {
  test('anywhere leaves an earlier state, with whole batches', async () => {
    using folder = temporaryFolder()
    const path = folder.file('journal.db')
    const cut = folder.file('cut.db')
    await using journal = await openJournal(path)
    const lease = await openRun(journal, 'a')
    for (let number = 1; number <= 20; number++) {
      await journal.append([log('a', 2 * number - 1), log('a', 2 * number)], lease)
    }
    const whole = await collect(journal.read())
    copyFileSync(folder.file('journal.key'), folder.file('cut.key'))
    const { size } = statSync(`${path}-wal`)
    const frame = 24 + 4_096
    const random = seededRandom(1)
    const offsets = Array.from({ length: 60 }, () => Math.floor(random() * size))
    for (let at = 32; at <= size; at += frame) offsets.push(at - 1, at, at + 24)
    const lengths = new Set<number>()
    for (const offset of offsets) {
      copyFileSync(path, cut)
      copyFileSync(`${path}-wal`, `${cut}-wal`)
      truncateSync(`${cut}-wal`, Math.min(offset, size))
      await using shorter = await openJournal(cut)
      const records = await collect(shorter.read())
      expect(records).toEqual(whole.slice(0, records.length))
      expect((await shorter.verify()).problems).toEqual([])
      lengths.add(records.length)
    }
    expect(lengths.size).toBeGreaterThan(10)
  })
})
