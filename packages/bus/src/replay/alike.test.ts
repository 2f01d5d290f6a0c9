import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HONEST } from '../../test/honest-handlers.ts'
import { outcomes, record, replay } from '../../test/replays.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import type { JournalRecord } from '../records.ts'
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

      const deliveries = await replay(recorded, handlers)

      const skipped = ['it was cancelled', 'no handler has settled it']
      const others = Object.values(outcomes(deliveries)).filter((one) => !skipped.includes(one))
      expect(new Set(others)).toEqual(new Set(['identical']))
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

function isFound(record: JournalRecord): boolean {
  if (record.kind !== 'step' || record.name !== 'get') return false
  const { outcome } = record
  return outcome.type === 'response' && outcome.response !== null
}
