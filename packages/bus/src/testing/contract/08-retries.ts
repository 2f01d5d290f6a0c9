import { describe, expect, test } from 'vitest'
import { TerminalError } from '../../errors.ts'
import type { JournalRecord } from '../../records.ts'
import { ofKind } from './rules.ts'
import { answer, forever, type Handle, play } from './types.ts'
import { ask, type OpenWorld, type World } from './world.ts'

const fail: Handle = () => {
  throw new Error('always')
}

/** 8. A failed delivery is tried again, with backoff; what kills its process is found out. */
export function retries(open: OpenWorld): void {
  describe('8. retries', () => {
    test('a delivery is tried again until it succeeds', async () => {
      await using world = await open()
      const bus = world.bus()
      const attempts: number[] = []
      play(bus, 'worker', (_message, ctx) => {
        attempts.push(ctx.attempt)
        if (ctx.attempt < 3) throw new Error(`failure ${ctx.attempt}`)
        answer(ctx)
      })
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      expect(attempts).toEqual([1, 2, 3])
      expect(ofKind(await world.records(run.id), 'settle')).toMatchObject([
        { attempt: 1, outcome: 'failed', error: { message: 'failure 1' } },
        { attempt: 2, outcome: 'failed', error: { message: 'failure 2' } },
        { attempt: 3, outcome: 'done' },
      ])
    })

    test('it is tried `attempts` times in all', async () => {
      await using world = await open()
      const bus = world.bus()
      let calls = 0
      play(
        bus,
        'worker',
        () => {
          calls++
          throw new Error('always')
        },
        { attempts: 5 },
      )
      const run = ask(bus)
      const end = await world.end(run)
      expect(calls).toBe(5)
      expect(end).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/5 attempts.*always/),
      })
      const settlements = ofKind(await world.records(run.id), 'settle')
      expect(settlements.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
        ...Array(4).fill('failed'),
        'exhausted',
      ])
    })

    test('a TerminalError is not tried again', async () => {
      await using world = await open()
      const bus = world.bus()
      let calls = 0
      play(bus, 'worker', () => {
        calls++
        throw new TerminalError('this account is closed', { code: 'account_closed' })
      })
      const run = ask(bus)
      const end = await world.end(run)
      expect(calls).toBe(1)
      expect(end.reason).toContain('this account is closed')
      expect(ofKind(await world.records(run.id), 'settle')).toMatchObject([
        { outcome: 'dead', reason: 'terminal', error: { code: 'account_closed' } },
      ])
    })

    test('the wait before each attempt is between nothing and its doubling bound, up to the greatest', async () => {
      await using world = await open()
      const bus = world.bus()
      const options = { attempts: 8, backoffMs: 100, maxBackoffMs: 1000 }
      play(bus, 'worker', fail, options)
      const runs = Array.from({ length: 40 }, () => ask(bus))
      for (const run of runs) await world.end(run)
      const waits = waitsOf(await world.records())
      const bounds = [100, 200, 400, 800, 1000, 1000, 1000]
      expect(waits).toHaveLength(40 * 7)
      for (const { attempt, waitMs, promisedMs } of waits) {
        const bound = bounds[attempt - 1] ?? 0
        expect(waitMs).toBeGreaterThanOrEqual(0)
        expect(waitMs).toBeLessThanOrEqual(bound + 1)
        expect(Math.abs(waitMs - promisedMs)).toBeLessThanOrEqual(2)
      }
      const spread = (of: readonly Wait[]) => Math.max(...of.map(({ waitMs }) => waitMs))
      const firsts = waits.filter(({ attempt }) => attempt === 1)
      const lasts = waits.filter(({ attempt }) => attempt === 7)
      expect(spread(firsts)).toBeGreaterThan(80)
      expect(spread(lasts)).toBeGreaterThan(800)
      expect(new Set(firsts.map(({ waitMs }) => waitMs)).size).toBeGreaterThan(20)
    })

    test('an attempt that runs out of time has failed, and its signal aborts', async () => {
      await using world = await open()
      const bus = world.bus()
      const reasons: unknown[] = []
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          if (ctx.attempt === 2) return void answer(ctx)
          ctx.signal.addEventListener('abort', () => reasons.push(ctx.signal.reason))
          await forever()
        },
        { deliveryTimeoutMs: 5000 },
      )
      const run = ask(bus)
      await world.advance(4998)
      expect(reasons).toEqual([])
      await world.advance(2)
      expect(reasons).toMatchObject([{ code: 'delivery_timeout' }])
      expect((await world.end(run)).status).toBe('completed')
      expect(ofKind(await world.records(run.id), 'settle')).toMatchObject([
        { outcome: 'failed', error: { code: 'delivery_timeout' } },
        { outcome: 'done' },
      ])
    })

    test.each([-3_600_000, 3_600_000])(
      'timeouts and backoff do not heed a wall clock that jumps %d ms',
      async (jumpMs) => {
        await using world = await open()
        const bus = world.bus()
        let begun = 0
        play(
          bus,
          'worker',
          () => {
            begun++
            return forever()
          },
          { attempts: 2, deliveryTimeoutMs: 5000, backoffMs: 100 },
        )
        const run = ask(bus, { timeoutMs: 60_000 })
        await world.advance(2000)
        world.runtime.jump(jumpMs)
        await world.advance(2900)
        expect(begun).toBe(1)
        world.runtime.jump(jumpMs)
        await world.advance(200)
        expect(begun).toBe(2)
        expect((await world.end(run)).reason).toContain('5000 ms')
      },
    )

    test('a first start is not recorded, every later one is, before its handler runs', async () => {
      await using world = await open()
      const run = await killed(world, 1)
      const second = world.process()
      const seen: unknown[] = []
      play(second.bus, 'worker', async (_message, ctx) => {
        seen.push(...ofKind(await world.records(run), 'start').map(({ start }) => start))
        answer(ctx)
      })
      await world.end(await world.until(second.bus.resume(run)))
      expect(seen).toEqual([2])
    })

    test('an attempt that killed three processes is dead as crashed', async () => {
      await using world = await open()
      const run = await killed(world, 3)
      const starts = ofKind(await world.records(run), 'start')
      expect(starts.map(({ attempt, start }) => [attempt, start])).toEqual([
        [1, 2],
        [1, 3],
      ])
      const last = world.bus()
      const calls: number[] = []
      play(last, 'worker', (_message, ctx) => {
        calls.push(ctx.attempt)
        answer(ctx)
      })
      const end = await world.end(await world.until(last.resume(run)))
      expect(calls).toEqual([])
      expect(end.status).toBe('failed')
      expect(end.reason).toMatch(/started 3 times/)
      expect(ofKind(await world.records(run), 'settle')).toMatchObject([
        { outcome: 'dead', reason: 'crashed', error: { code: 'crashed' } },
      ])
    })

    test('the bound on starts is for each attempt', async () => {
      await using world = await open()
      const run = await killed(world, 2)
      const third = world.process()
      play(third.bus, 'worker', (_message, ctx) => {
        if (ctx.attempt === 1) throw new Error('once more')
        return forever()
      })
      await world.until(third.bus.resume(run))
      await world.advance(1000)
      await third.kill()
      const fourth = world.bus()
      play(fourth, 'worker', (_message, ctx) => void answer(ctx))
      expect((await world.end(await world.until(fourth.resume(run)))).status).toBe('completed')
      const starts = ofKind(await world.records(run), 'start')
      expect(starts.map(({ attempt, start }) => [attempt, start])).toEqual([
        [1, 2],
        [1, 3],
        [2, 2],
      ])
    })

    test('the last start runs alone in its process', async () => {
      await using world = await open()
      const suspect = await killed(world, 2)
      const bus = world.bus()
      const running = new Set<string>()
      const company: string[] = []
      const gates = new Map<string, () => void>()
      play(bus, 'worker', async (message, ctx) => {
        running.add(message.runId)
        company.push([...running].sort().join('+'))
        await new Promise<void>((resolve) => gates.set(message.runId, resolve))
        running.delete(message.runId)
        answer(ctx)
      })
      const before = ask(bus, { runId: 'before' })
      await world.advance()
      const resumed = await world.until(bus.resume(suspect))
      await world.advance()
      const after = ask(bus, { runId: 'later' })
      await world.advance()
      expect(company).toEqual(['before'])
      gates.get('before')?.()
      await world.advance()
      expect(company).toEqual(['before', suspect])
      gates.get(suspect)?.()
      await world.advance()
      expect(company).toEqual(['before', suspect, 'later'])
      gates.get('later')?.()
      for (const run of [before, resumed, after]) {
        expect((await world.end(run)).status).toBe('completed')
      }
    })

    test('one that must run alone does not block those that wait for a slot', async () => {
      await using world = await open()
      const suspect = await killed(world, 2)
      const bus = world.bus()
      const model = Promise.withResolvers<string>()
      play(
        bus,
        'worker',
        async (message, ctx) => {
          if (message.runId === 'before') {
            await ctx.step({ name: 'm', request: 1, waits: true, perform: () => model.promise })
          }
          answer(ctx)
        },
        { roleConcurrency: 1 },
      )
      const before = ask(bus, { runId: 'before' })
      await world.advance()
      const resumed = await world.until(bus.resume(suspect))
      await world.advance()
      model.resolve('said')
      expect((await world.end(before)).status).toBe('completed')
      expect((await world.end(resumed)).status).toBe('completed')
    })

    test('one that must run alone and is cancelled before leaves the way free', async () => {
      await using world = await open()
      const suspect = await killed(world, 2)
      const bus = world.bus()
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        answer(ctx)
      })
      const before = ask(bus)
      await world.advance()
      const resumed = await world.until(bus.resume(suspect))
      await world.advance()
      resumed.cancel('enough')
      const after = ask(bus)
      gate.resolve()
      expect((await world.end(before)).status).toBe('completed')
      expect((await world.end(after)).status).toBe('completed')
    })
  })
}

/** A run whose first attempt has killed this many processes. */
async function killed(world: World, times: number): Promise<string> {
  let runId: string | undefined
  for (let time = 0; time < times; time++) {
    const process = world.process()
    play(process.bus, 'worker', forever)
    if (runId === undefined) {
      runId = ask(process.bus).id
    } else await world.until(process.bus.resume(runId))
    await world.advance()
    await process.kill()
  }
  if (runId === undefined) throw new Error('no process was killed')
  return runId
}

interface Wait {
  readonly attempt: number
  /** From the failure to the next attempt's start. */
  readonly waitMs: number
  /** What the record of the failure said. */
  readonly promisedMs: number
}

/** The waits between attempts. */
function waitsOf(records: readonly JournalRecord[]): Wait[] {
  const settlements = ofKind(records, 'settle')
  return settlements.flatMap(({ messageId, attempt, at, retryAt }) => {
    const next = settlements.find(
      (other) => other.messageId === messageId && other.attempt === attempt + 1,
    )
    if (next?.startedAt === undefined || retryAt === undefined) return []
    return [{ attempt, waitMs: next.startedAt - at, promisedMs: retryAt - at }]
  })
}
