import { describe, expect, it } from 'vitest'
import type { Journal } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { RECORD_VERSION } from '../records.ts'
import { wrapJournal } from '../testing/wrap-journal.ts'
import { findRun } from './find-run.ts'

/** A journal with runs of these ids, the newest last. */
async function journalOf(...ids: readonly string[]): Promise<Journal> {
  const journal = createMemoryJournal()
  for (const [index, runId] of ids.entries()) {
    const place = { kind: 'run.opened', version: RECORD_VERSION, runId, at: index } as const
    const limits = { maxHops: 32 }
    const opened = { ...place, terminal: 'a.b', limits, seed: 1, about: {} }
    await journal.append([opened], { runId, epoch: 1, owner: 'me' })
  }
  return journal
}

describe('findRun', () => {
  it('finds a run by its id, and by a beginning that no other has', async () => {
    const journal = await journalOf('abc', 'abd', 'x-1')
    expect(await findRun(journal, 'abd')).toBe('abd')
    expect(await findRun(journal, 'x')).toBe('x-1')
  })

  it('finds the newest, and those before it', async () => {
    const journal = await journalOf('one', 'two', 'three')
    expect(await findRun(journal, 'last')).toBe('three')
    expect(await findRun(journal, 'last~0')).toBe('three')
    expect(await findRun(journal, 'last~2')).toBe('one')
  })

  it('takes a whole id for what it is, however many others begin so', async () => {
    const others = Array.from({ length: 9 }, (_none, index) => `ab${index}`)
    expect(await findRun(await journalOf('ab', ...others), 'ab')).toBe('ab')
    expect(await findRun(await journalOf('ab', 'abc'), 'ab')).toBe('ab')
  })

  it.for([
    { ref: 'd', message: "the journal has no run 'd': list its runs for their ids" },
    { ref: '', message: "the journal has no run '': list its runs for their ids" },
    { ref: 'last~2', message: "the journal has no run 'last~2': the oldest is 'last~1'" },
    { ref: 'last~x', message: "the journal has no run 'last~x': list its runs for their ids" },
    { ref: 'ab%', message: "the journal has no run 'ab%': list its runs for their ids" },
  ])("says that there is no '$ref', and what to do", async ({ ref, message }) => {
    await expect(findRun(await journalOf('abc', 'abd'), ref)).rejects.toMatchObject({
      code: 'unknown_run',
      message,
    })
  })

  it('says that a journal is empty', async () => {
    await expect(findRun(await journalOf(), 'last')).rejects.toThrow(
      "the journal has no run 'last': there is none in it",
    )
    await expect(findRun(await journalOf(), '')).rejects.toMatchObject({ code: 'unknown_run' })
  })

  it('names a few of the runs that begin so, the newest first', async () => {
    const ids = ['ab1', 'ab2', 'ab3', 'ab4', 'ab5']
    await expect(findRun(await journalOf(...ids), 'ab')).rejects.toMatchObject({
      code: 'ambiguous_run',
      candidates: ['ab5', 'ab4', 'ab3', 'ab2'],
      message: "several runs begin with 'ab', ab5, ab4, ab3 and others: write more of the id",
    })
    await expect(findRun(await journalOf('ab1', 'ab2'), 'a')).rejects.toThrow('ab2, ab1: write')
  })

  it('lists no more runs than it must', async () => {
    const many = await journalOf(...Array.from({ length: 50 }, (_none, index) => `run-${index}`))
    let listed = 0
    const counted = wrapJournal(many, {
      async *runs(query) {
        for await (const entry of many.runs(query)) {
          listed++
          yield entry
        }
      },
    })
    expect(await findRun(counted, 'last~3')).toBe('run-46')
    await expect(findRun(counted, 'run')).rejects.toThrow('several')
    expect(listed).toBeLessThan(10)
  })
})
