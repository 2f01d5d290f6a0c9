import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HONEST } from '../../test/honest-handlers.ts'
import { type Handlers, outcomes, record, replay, Told, tell } from '../../test/replays.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import type { JournalRecord } from '../records.ts'
import { Secret } from '../secret.ts'
import { openJournal } from '../sqlite/index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
})
afterAll(() => rm(folder, { recursive: true }))

const JOURNALS = {
  'in memory': async () => createMemoryJournal(),
  'in a file': async () => openJournal(join(folder, `${Math.random()}.db`)),
}

describe.each(Object.entries(JOURNALS))(
  'a run that is recorded %s is replayed alike',
  (_where, open) => {
    it.each(Object.entries(HONEST))('with %s', async (_name, handlers) => {
      await using journal = await open()
      const recorded = await record(handlers, { journal, thread: 'talk' })

      const settled = await replay(recorded, handlers)
      const all = await replay(recorded, handlers, {}, 'all')

      const skipped = ['it was cancelled', 'no handler has settled it']
      const found = [...settled, ...all].flatMap((one) => Object.values(outcomes([one])))
      const others = found.filter((one) => !skipped.includes(one))
      expect(new Set(others)).toEqual(new Set(['identical']))
      const failed = recorded.records.filter(
        (one) => one.kind === 'settle' && one.outcome === 'failed',
      )
      expect(all.length - settled.length).toBe(failed.length)
    })

    it('with what it has read from the memory of an earlier run', async () => {
      await using journal = await open()
      const { memory = {} } = HONEST
      await record(memory, { journal, thread: 'talk' })
      const recorded = await record(memory, { journal, thread: 'talk' })

      expect(recorded.records.some(isFound)).toBe(true)
      expect(outcomes(await replay(recorded, memory))).toEqual({
        '~': 'identical',
        '~.h': 'identical',
      })
    })
  },
)

it('a run whose handler knows by its handle what another one has read from memory is replayed alike', async () => {
  const journal = createMemoryJournal()
  const key = new Secret('kept-secret')
  const handlers: Handlers = {
    async worker(_message, ctx) {
      const [found] = await ctx.memory.search('key')
      ctx.memory.set('key', { key })
      ctx.handoff('second', Told, { text: String(Object.values(found?.value ?? {})) })
    },
    second({ data }, ctx) {
      tell(ctx, 'text' in data ? `${ctx.secret(data.text)?.reveal().length}` : '')
    },
  }
  await record(handlers, { journal, thread: 'talk' })

  const recorded = await record(handlers, { journal, thread: 'talk' })

  expect(recorded.records.at(-2)).toMatchObject({ message: { data: { text: '11' } } })
  expect(outcomes(await replay(recorded, handlers))).toEqual({
    '~': 'identical',
    '~.h': 'identical',
  })
})

function isFound(record: JournalRecord): boolean {
  if (record.kind !== 'step' || record.name !== 'get') return false
  const { outcome } = record
  return outcome.type === 'response' && outcome.response !== null
}
