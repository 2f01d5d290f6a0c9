import { describe, expect, test } from 'vitest'
import { JournalConflictError, StaleEpochError } from '../../errors.ts'
import { DURABILITY, type Journal } from '../../journal.ts'
import type { JournalRecord, RecordDraft } from '../../records.ts'
import { collect } from './collect.ts'
import { ending, leaseOf, log, message, opening, openRun, settle } from './drafts.ts'
import { ofKind } from './rules.ts'
import type { OpenWorld, World } from './world.ts'

/** What every journal keeps, whoever writes to it. */
export function journalContract(open: OpenWorld): void {
  describe('the journal', () => {
    describe('append', () => {
      test('stores a batch in its order, gives each record its number, and gives it back', async () => {
        await using world = await open()
        const { journal } = world
        const stored = await journal.append(opening('a'), leaseOf('a'))
        expect(stored).toMatchObject([
          { kind: 'run.opened', runId: 'a' },
          { kind: 'message', runId: 'a', message: { id: 'a' } },
        ])
        expect(await world.records('a')).toEqual(stored)
        expect(isRising(stored)).toBe(true)
      })

      test('stores batches in the order of the calls, and acknowledges them in that order', async () => {
        await using world = await open()
        const { journal } = world
        const acknowledged: number[] = []
        const a = await openRun(journal, 'a')
        const b = await openRun(journal, 'b')
        await Promise.all(
          Array.from({ length: 20 }, async (_, index) => {
            const [runId, lease] = index % 2 === 0 ? (['a', a] as const) : (['b', b] as const)
            await journal.append([log(runId, index + 1)], lease)
            acknowledged.push(index + 1)
          }),
        )
        const numbers = Array.from({ length: 20 }, (_, index) => index + 1)
        expect(acknowledged).toEqual(numbers)
        const logs = ofKind(await world.records(), 'log')
        expect(logs.map(({ number }) => number)).toEqual(numbers)
      })

      test('leaves no gap inside a batch, whoever writes at the same time', async () => {
        await using world = await open()
        const { journal } = world
        const ids = Array.from({ length: 10 }, (_, index) => `run-${index}`)
        const batches = await Promise.all(
          ids.map((runId) =>
            journal.append([...opening(runId), log(runId, 1), log(runId, 2)], leaseOf(runId)),
          ),
        )
        for (const batch of batches) {
          const first = batch[0]?.seq ?? Number.NaN
          expect(batch.map(({ seq }) => seq - first)).toEqual([0, 1, 2, 3])
        }
        const all = await world.records()
        expect(isRising(all)).toBe(true)
        expect(all).toHaveLength(40)
      })

      test('keeps a copy that nobody who appended it can tell from the original', async () => {
        await using world = await open()
        const drafts = opening('a')
        await world.journal.append(drafts, leaseOf('a'))
        const [opened, root] = await world.records('a')
        expect(opened).toMatchObject(drafts[0] ?? {})
        expect(root).toMatchObject(drafts[1] ?? {})
      })

      const refused: readonly (readonly [string, readonly RecordDraft[]])[] = [
        ['a message id that is stored already', [log('a', 1), message('a', 'a')]],
        ['a message id twice in one batch', [message('a', 'a.h'), message('a', 'a.h')]],
        ['a settlement of what is settled', [settle('a', 'a'), settle('a', 'a')]],
        ['a failure of what is settled', [settle('a', 'a'), settle('a', 'a', 'failed')]],
        ['a settlement of a message that is not there', [log('a', 1), settle('a', 'a.h')]],
        ['a cancellation of what is settled', [settle('a', 'a'), settle('a', 'a', 'cancelled')]],
        ['a settlement of what is cancelled', [settle('a', 'a', 'cancelled'), settle('a', 'a')]],
        ['a settlement of a copy that nobody gets', [settle('a', 'a@ear')]],
        [
          'a second settlement of a copy',
          [message('a', 'a.h', 'ear'), settle('a', 'a.h@ear'), settle('a', 'a.h@ear', 'dead')],
        ],
        ['a record of another run', [log('a', 1), log('b', 1)]],
        ['a run id that is in use', opening('a')],
        ['what follows the end in the same batch', [ending('a'), log('a', 1)]],
        ['a second end', [ending('a'), ending('a')]],
      ]
      test.each(refused)('refuses %s, and stores nothing of the batch', async (_name, batch) => {
        await using world = await open()
        const lease = await openRun(world.journal, 'a')
        const before = await world.records()
        await expect(world.journal.append(batch, lease)).rejects.toThrow(JournalConflictError)
        expect(await world.records()).toEqual(before)
        const [next] = await world.journal.append([log('a', 1)], lease)
        expect(next?.seq).toBeGreaterThan(before.at(-1)?.seq ?? 0)
      })

      test('refuses a settlement again in a later batch, but takes failures before it', async () => {
        await using world = await open()
        const { journal } = world
        const lease = await openRun(journal, 'a')
        await journal.append([settle('a', 'a', 'failed')], lease)
        await journal.append([settle('a', 'a', 'failed')], lease)
        await journal.append([settle('a', 'a'), message('a', 'a.h')], lease)
        await expect(journal.append([settle('a', 'a')], lease)).rejects.toThrow(
          JournalConflictError,
        )
        await journal.append([settle('a', 'a.h')], lease)
      })

      test('settles a message and each of its copies apart, in one batch or in several', async () => {
        await using world = await open()
        const { journal } = world
        const lease = await openRun(journal, 'a')
        await journal.append([message('a', 'a.h', 'ear', 'eye'), settle('a', 'a.h@ear')], lease)
        await journal.append([settle('a', 'a.h')], lease)
        await journal.append([settle('a', 'a.h@eye', 'failed')], lease)
        await journal.append([settle('a', 'a.h@eye', 'dead')], lease)
        for (const id of ['a.h', 'a.h@ear', 'a.h@eye']) {
          await expect(journal.append([settle('a', id)], lease)).rejects.toThrow(
            JournalConflictError,
          )
        }
      })

      test('refuses a settlement of what an earlier batch has cancelled', async () => {
        await using world = await open()
        const { journal } = world
        const lease = await openRun(journal, 'a')
        await journal.append([settle('a', 'a', 'failed'), settle('a', 'a', 'cancelled')], lease)
        for (const outcome of ['done', 'failed', 'dead', 'cancelled'] as const) {
          await expect(journal.append([settle('a', 'a', outcome)], lease)).rejects.toThrow(
            JournalConflictError,
          )
        }
      })

      test('refuses a large batch for its last record, and takes it without', async () => {
        await using world = await open()
        const { journal } = world
        const lease = await openRun(journal, 'a')
        const ids = Array.from({ length: 100 }, (_none, index) => `a.h${'.h'.repeat(index)}`)
        const batch = () => [
          settle('a', 'a'),
          ...ids.map((id) => message('a', id, 'ear')),
          ...ids.map((id) => settle('a', id, 'cancelled')),
        ]
        const before = await world.records()
        await expect(
          journal.append([...batch(), settle('a', ids[50] ?? '')], lease),
        ).rejects.toThrow(JournalConflictError)
        expect(await world.records()).toEqual(before)
        expect(await journal.append(batch(), lease)).toHaveLength(201)
      })

      test('refuses everything after the end of a run, under every lease', async () => {
        await using world = await open()
        const { journal } = world
        const lease = await openRun(journal, 'a')
        await journal.append([settle('a', 'a'), ending('a')], lease)
        await expect(journal.append([log('a', 1)], lease)).rejects.toThrow(JournalConflictError)
        await expect(journal.append(opening('a'), lease)).rejects.toThrow(JournalConflictError)
        expect(ofKind(await world.records('a'), 'log')).toEqual([])
      })

      test('refuses records of a run that was never opened, and one that opens at a later epoch', async () => {
        await using world = await open()
        const { journal } = world
        await expect(journal.append([log('a', 1)], leaseOf('a'))).rejects.toThrow(
          JournalConflictError,
        )
        await expect(journal.append(opening('a'), leaseOf('a', 'me', 2))).rejects.toThrow(
          JournalConflictError,
        )
        expect(await world.records()).toEqual([])
      })
    })

    describe('leases', () => {
      test('opening a run grants its lease: nobody else gets it', async () => {
        await using world = await open()
        await openRun(world.journal, 'a')
        expect(await world.journal.acquire('a', 'other')).toBeUndefined()
        expect(await world.journal.acquire('unknown', 'other')).toBeUndefined()
      })

      test('a released run goes to the next owner, with the next epoch', async () => {
        await using world = await open()
        const { journal } = world
        const lease = await openRun(journal, 'a')
        await journal.release(lease)
        await journal.release(lease)
        const next = await journal.acquire('a', 'other')
        expect(next).toEqual({ runId: 'a', epoch: 2, owner: 'other' })
        expect(await journal.acquire('a', 'third')).toBeUndefined()
      })

      test('a stale epoch is refused, and its release takes nothing from the new owner', async () => {
        await using world = await open()
        const { journal } = world
        const old = await openRun(journal, 'a')
        await journal.release(old)
        const current = await journal.acquire('a', 'other')
        if (current === undefined) throw new Error('the run was free')
        await expect(journal.append([log('a', 1)], old)).rejects.toThrow(StaleEpochError)
        expect(await journal.renew(old)).toBe(false)
        await journal.release(old)
        expect(await journal.acquire('a', 'third')).toBeUndefined()
        await journal.append([log('a', 2)], current)
        expect(await journal.renew(current)).toBe(true)
        expect(ofKind(await world.records('a'), 'log').map(({ number }) => number)).toEqual([2])
      })

      test('a released lease stores nothing until it is acquired again', async () => {
        await using world = await open()
        const { journal } = world
        const lease = await openRun(journal, 'a')
        await journal.release(lease)
        await expect(journal.append([log('a', 1)], lease)).rejects.toThrow(StaleEpochError)
      })

      test('the end of a run gives its lease back', async () => {
        await using world = await open()
        const { journal } = world
        const lease = await openRun(journal, 'a')
        await journal.append([ending('a')], lease)
        expect(await journal.renew(lease)).toBe(false)
        expect(await journal.acquire('a', 'other')).toMatchObject({ owner: 'other' })
      })

      test('of two that want a free run one gets it', async () => {
        await using world = await open()
        const { journal } = world
        await journal.release(await openRun(journal, 'a'))
        const leases = await Promise.all([journal.acquire('a', 'x'), journal.acquire('a', 'y')])
        expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1)
      })

      test('a lease lasts as long as it is renewed, and then runs out', async ({ skip }) => {
        await using world = await open()
        const { journal } = world
        const { leaseMs } = journal.features
        if (leaseMs === undefined) return skip('its leases do not run out')
        const lease = await openRun(journal, 'a')
        for (let renewal = 0; renewal < 5; renewal++) {
          await world.advance(leaseMs - 10)
          expect(await journal.renew(lease)).toBe(true)
          expect(await journal.acquire('a', 'other')).toBeUndefined()
        }
        await world.advance(leaseMs - 10)
        expect(await journal.acquire('a', 'other')).toBeUndefined()
        await world.advance(20)
        const next = await journal.acquire('a', 'other')
        expect(next).toMatchObject({ epoch: 2, owner: 'other' })
        expect(await journal.renew(lease)).toBe(false)
        await expect(journal.append([log('a', 1)], lease)).rejects.toThrow(StaleEpochError)
      })

      test('only its new owner can open a run again that has ended', async () => {
        await using world = await open()
        const { journal } = world
        const first = await openRun(journal, 'a')
        await journal.append([settle('a', 'a'), ending('a', 'failed')], first)
        const reopened: RecordDraft = {
          kind: 'run.reopened',
          runId: 'a',
          at: 2,
          reason: 'resumed',
          limits: { maxHops: 32 },
          revived: [],
        }
        await expect(journal.append([reopened], first)).rejects.toThrow(StaleEpochError)
        const second = await journal.acquire('a', 'other')
        expect(second).toMatchObject({ epoch: 2 })
        if (second !== undefined) await journal.append([{ ...reopened }], second)
        expect(await world.openRuns()).toEqual(['a'])
      })

      test('a wall clock that jumps neither ends a lease nor keeps it', async ({ skip }) => {
        await using world = await open()
        const { leaseMs } = world.journal.features
        if (leaseMs === undefined) return skip('its leases do not run out')
        await openRun(world.journal, 'a')
        world.runtime.jump(3_600_000)
        expect(await world.journal.acquire('a', 'other')).toBeUndefined()
        world.runtime.jump(-7_200_000)
        await world.advance(leaseMs + 10)
        expect(await world.journal.acquire('a', 'other')).toMatchObject({ owner: 'other' })
      })

      test('the run of a holder that is known to be dead is free at once', async ({ skip }) => {
        await using world = await open()
        const { kill } = world.driver
        if (kill === undefined) return skip('it cannot be told')
        await openRun(world.journal, 'a', 'me')
        await openRun(world.journal, 'b', 'another')
        kill('me')
        expect(await world.journal.acquire('a', 'other')).toMatchObject({ epoch: 2 })
        expect(await world.journal.acquire('b', 'other')).toBeUndefined()
      })
    })

    describe('reading', () => {
      /** Two runs with records that take turns. */
      async function twoRuns(world: World) {
        const { journal } = world
        const a = await openRun(journal, 'a')
        const b = await openRun(journal, 'b')
        await journal.append([log('a', 1)], a)
        await journal.append([log('b', 1)], b)
        await journal.append([log('a', 2)], a)
        return { a, b }
      }

      test('gives all records by rising number, or those of one run', async () => {
        await using world = await open()
        await twoRuns(world)
        const all = await world.records()
        expect(isRising(all)).toBe(true)
        expect(all.map(({ runId }) => runId).join('')).toBe('aabbaba')
        const b = await world.records('b')
        expect(b).toEqual(all.filter(({ runId }) => runId === 'b'))
        expect(await world.records('unknown')).toEqual([])
      })

      test('gives only what comes after a number', async () => {
        await using world = await open()
        await twoRuns(world)
        const all = await world.records()
        for (const { seq } of all) {
          expect(await collect(world.journal.read({ after: seq }))).toEqual(
            all.filter((record) => record.seq > seq),
          )
          expect(await collect(world.journal.read({ after: seq, runId: 'a' }))).toEqual(
            all.filter((record) => record.seq > seq && record.runId === 'a'),
          )
        }
      })

      test('gives only the last ones, still by rising number', async () => {
        await using world = await open()
        await twoRuns(world)
        const { journal } = world
        const all = await world.records()
        const a = await world.records('a')
        expect(await collect(journal.read({ last: 3 }))).toEqual(all.slice(-3))
        expect(await collect(journal.read({ last: 99 }))).toEqual(all)
        expect(await collect(journal.read({ runId: 'a', last: 2 }))).toEqual(a.slice(-2))
        const after = a[1]?.seq ?? 0
        expect(await collect(journal.read({ runId: 'a', after, last: 9 }))).toEqual(a.slice(2))
        expect(await collect(journal.read({ runId: 'unknown', last: 2 }))).toEqual([])
      })

      test('following gives what is there, then what comes, until its signal aborts', async () => {
        await using world = await open()
        const { a } = await twoRuns(world)
        const aborter = new AbortController()
        const seen: JournalRecord[] = []
        const following = follow(world.journal, { signal: aborter.signal }, seen)
        await world.rest()
        expect(seen).toHaveLength(7)
        await world.journal.append([log('a', 3)], a)
        await openRun(world.journal, 'c')
        await world.rest()
        expect(seen).toEqual(await world.records())
        aborter.abort()
        await world.until(following)
        await world.journal.append([log('a', 4)], a)
        await world.rest()
        expect(seen).toHaveLength(10)
      })

      test('following may begin after a number and keep to one run', async () => {
        await using world = await open()
        const { a, b } = await twoRuns(world)
        const all = await world.records()
        const after = all[4]?.seq ?? 0
        const aborter = new AbortController()
        const seen: JournalRecord[] = []
        const query = { signal: aborter.signal, runId: 'a', after }
        const following = follow(world.journal, query, seen)
        await world.rest()
        await world.journal.append([log('b', 3)], b)
        await world.journal.append([log('a', 3)], a)
        await world.rest()
        expect(ofKind(seen, 'log').map(({ runId, number }) => [runId, number])).toEqual([
          ['a', 2],
          ['a', 3],
        ])
        aborter.abort()
        await world.until(following)
      })

      test('a signal that has aborted before gives nothing', async () => {
        await using world = await open()
        await twoRuns(world)
        const signal = AbortSignal.abort()
        expect(await collect(world.journal.follow({ signal }))).toEqual([])
      })

      test('several followers get everything, the slow one later', async () => {
        await using world = await open()
        const { a } = await twoRuns(world)
        const aborter = new AbortController()
        const quick: JournalRecord[] = []
        const following = follow(world.journal, { signal: aborter.signal }, quick)
        const slow = world.journal.follow({ signal: aborter.signal })[Symbol.asyncIterator]()
        await world.until(slow.next())
        for (let number = 3; number < 30; number++) {
          await world.journal.append([log('a', number)], a)
        }
        await world.rest()
        const all = await world.records()
        expect(quick).toEqual(all)
        const late = []
        for (let index = 1; index < all.length; index++) {
          late.push((await world.until(slow.next())).value)
        }
        expect(late).toEqual(all.slice(1))
        aborter.abort()
        await world.until(following)
      })

      test('open runs are those that have not ended, oldest first', async () => {
        await using world = await open()
        const { journal } = world
        expect(await world.openRuns()).toEqual([])
        const leases = []
        for (const runId of ['z', 'm', 'a']) leases.push(await openRun(journal, runId))
        await journal.append([ending('m', 'failed')], leaseOf('m'))
        for (const lease of leases) await journal.release(lease)
        expect(await world.openRuns()).toEqual(['z', 'a'])
      })

      test('closed runs that are no longer kept are gone, the oldest first; open ones stay', async ({
        skip,
      }) => {
        await using world = await open()
        const { journal } = world
        const { closedRuns } = world.driver
        if (closedRuns === undefined) return skip('it keeps every run')
        await openRun(journal, 'open')
        const ids = Array.from({ length: closedRuns + 2 }, (_, index) => `closed-${index}`)
        for (const runId of ids)
          await journal.append([ending(runId)], await openRun(journal, runId))
        const kept = new Set((await world.records()).map(({ runId }) => runId))
        expect(kept).toEqual(new Set(['open', ...ids.slice(2)]))
      })
    })

    test('says what it offers', async () => {
      await using world = await open()
      const { durability, multiProcess, leaseMs } = world.journal.features
      expect(DURABILITY).toContain(durability)
      expect(typeof multiProcess).toBe('boolean')
      expect(leaseMs ?? 1).toBeGreaterThan(0)
    })

    test('closing stops those that follow, and again is no harm', async () => {
      await using world = await open()
      await openRun(world.journal, 'a')
      const { signal } = new AbortController()
      const following = collect(world.journal.follow({ signal }))
      await world.rest()
      await world.close()
      expect(await world.until(following)).toHaveLength(2)
      await world.close()
      await world.journal[Symbol.asyncDispose]()
    })
  })
}

function isRising(records: readonly JournalRecord[]): boolean {
  return records.every(({ seq }, index) => seq > (records[index - 1]?.seq ?? 0))
}

async function follow(
  journal: Journal,
  query: Parameters<Journal['follow']>[0],
  into: JournalRecord[],
): Promise<void> {
  for await (const record of journal.follow(query)) into.push(record)
}
