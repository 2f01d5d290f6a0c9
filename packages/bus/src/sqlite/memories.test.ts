import { readdirSync, readFileSync } from 'node:fs'
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import type { Journal, MemoryQuery } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import type { MemoryRecord } from '../records.ts'
import { Secret } from '../secret.ts'
import { collect } from '../testing/contract/collect.ts'
import { ending, memory, opening, settle } from '../testing/contract/drafts.ts'
import { openJournal } from './open-journal.ts'

const THREADS = ['bank', 'mail', undefined] as const

/** Words that share beginnings, letters with accents, other scripts, and what is not in a word. */
const word = fc.constantFrom(
  'Café',
  'cafeteria',
  'CAFÉ!',
  'naïve',
  'Straße',
  'strasse',
  'İstanbul',
  'istanbul',
  '密码',
  '密',
  'пароль',
  'ﬁnal',
  'x²',
  '24',
  '2',
  'AND',
  'NOT',
  'NEAR',
  'a-b',
  'a*',
  '"quoted"',
  '😀',
  'é',
  'e\u0301te',
)
const phrase = fc.array(fc.oneof(word, fc.string({ unit: 'grapheme', maxLength: 4 })), {
  maxLength: 4,
})
const text = phrase.map((words) => words.join(' '))

const written = fc.record({
  run: fc.constantFrom('a', 'b', 'c'),
  key: fc.oneof(fc.constantFrom('length', 'café'), text),
  value: fc.oneof(text, fc.array(text, { maxLength: 2 }), fc.dictionary(word, text), fc.integer()),
})

async function listed(records: AsyncIterable<MemoryRecord>): Promise<string[]> {
  return (await collect(records)).map(({ id }) => id)
}

/** A run in a thread, which keeps what it is given and ends. */
async function keep(
  journal: Journal,
  runId: string,
  thread: string | undefined,
  kept: readonly Pick<MemoryRecord, 'key' | 'value'>[],
): Promise<void> {
  const records = kept.map(({ key, value }, index) =>
    memory(runId, index + 1, { key, value, thread }),
  )
  await journal.append(
    [
      ...opening(runId, thread === undefined ? {} : { thread }),
      settle(runId, runId),
      ...records,
      ending(runId),
    ],
    { runId, epoch: 1, owner: 'me' },
  )
}

describe('the memory of a journal in a file', () => {
  test.prop([fc.array(written, { maxLength: 12 }), fc.array(text, { maxLength: 6 })], {
    numRuns: 60,
  })('finds, lists and forgets what the memory journal does', async (all, queries) => {
    using folder = temporaryFolder()
    await using file = await openJournal(folder.file('journal.db'))
    const reference = createMemoryJournal()
    for (const [index, runId] of ['a', 'b', 'c'].entries()) {
      const kept = all.filter(({ run }) => run === runId)
      for (const journal of [file, reference]) await keep(journal, runId, THREADS[index], kept)
    }
    const answers = async ({ memory }: Journal) => {
      const found: unknown[] = [
        await listed(memory.list()),
        await listed(memory.list({ thread: 'bank' })),
      ]
      for (const [index, runId] of ['a', 'b', 'c'].entries()) {
        const thread = THREADS[index]
        const scope = { role: 'worker', runId, ...(thread === undefined ? {} : { thread }) }
        for (const { key, value } of all) {
          const kept = await memory.get(scope, key)
          found.push(kept?.id, kept?.value)
          const words = typeof value === 'string' ? value : key
          found.push((await memory.search(scope, words, 3)).map(({ id }) => id))
        }
        for (const query of queries) {
          found.push((await memory.search(scope, query, 3)).map(({ id }) => id))
        }
      }
      return found
    }
    expect(await answers(file)).toEqual(await answers(reference))
    const query: MemoryQuery = {
      thread: 'bank',
      ...(all[0] === undefined ? {} : { key: all[0].key }),
    }
    const forgotten = await Promise.all([file.memory.forget(query), reference.memory.forget(query)])
    expect(forgotten[0]).toEqual(forgotten[1])
    expect(await answers(file)).toEqual(await answers(reference))
  })

  test('a value that is forgotten is in no file any more, and its record is blank', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(folder.file('journal.db'))
    const inFiles = (text: string) =>
      readdirSync(folder.path).some((name) => readFileSync(folder.file(name)).includes(text))
    const long = `the long one: ${'secretive words '.repeat(2_000)}`
    for (const [index, value] of ['first zebra', long, 'last zebra'].entries()) {
      await keep(journal, `run-${index}`, 'bank', [{ key: 'animal', value: { note: value } }])
      await keep(journal, `other-${index}`, 'mail', [{ key: 'animal', value: 'lion' }])
    }
    expect(inFiles('zebra')).toBe(true)
    expect(inFiles('secretive')).toBe(true)

    const forgotten = await journal.memory.forget({ thread: 'bank' })

    expect(forgotten.map(({ value }) => value)).toEqual([
      { note: 'first zebra' },
      { note: long },
      { note: 'last zebra' },
    ])
    expect(inFiles('zebra')).toBe(false)
    expect(inFiles('secretive')).toBe(false)
    expect(inFiles('lion')).toBe(true)
    const records = await collect(journal.read({ runId: 'run-0' }))
    const kept = records.find(({ kind }) => kind === 'memory')
    expect(kept).toMatchObject({ id: 'run-0/m1', key: 'animal' })
    expect(kept).not.toHaveProperty('value')
    expect((await journal.verify()).problems).toEqual([])
  })

  test('secrets are sealed, not found, and read back with their values', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(folder.file('journal.db'))
    const password = new Secret('opensesame').name('secret:run/m1#1')
    await keep(journal, 'run', 'bank', [{ key: 'password', value: { password, site: 'bank' } }])
    const scope = { role: 'worker', runId: 'later', thread: 'bank' }
    expect(await journal.memory.search(scope, 'opensesame', 10)).toEqual([])
    const [found] = await journal.memory.search(scope, 'site bank', 10)
    expect(found?.value).toEqual({ password: expect.any(Secret), site: 'bank' })
    const { password: back } = Object(found?.value)
    expect(back.reveal()).toBe('opensesame')
    await journal.prune({ keep: 0 })
    expect((await listed(journal.memory.list())).length).toBe(1)
    for (const name of readdirSync(folder.path)) {
      expect(readFileSync(folder.file(name)).includes('opensesame')).toBe(false)
    }
  })

  test('a search may have thousands of words, or very long ones', async () => {
    using folder = temporaryFolder()
    await using journal = await openJournal(folder.file('journal.db'))
    const words = Array.from({ length: 3_000 }, (_none, index) => `w${index}`).join(' ')
    const long = 'x'.repeat(50_000)
    await keep(journal, 'run', 'bank', [
      { key: 'words', value: words },
      { key: 'long', value: long },
    ])
    const scope = { role: 'worker', runId: 'run', thread: 'bank' }
    expect(await journal.memory.search(scope, words, 10)).toHaveLength(1)
    expect(await journal.memory.search(scope, long, 10)).toHaveLength(1)
    expect(await journal.memory.search(scope, `${words} no`, 10)).toHaveLength(0)
  })

  test('a fingerprint is the same as long as the journal has its key, and another for each journal', async () => {
    using folder = temporaryFolder()
    const print = async (name: string) => {
      await using journal = await openJournal(folder.file(name))
      return journal.memory.fingerprint('opensesame')
    }
    expect(await print('journal.db')).toBe(await print('journal.db'))
    expect(await print('journal.db')).not.toBe(await print('other.db'))
    expect(await print('journal.db')).toMatch(/^[0-9a-f]{64}$/)
  })
})
