import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import { JournalError, NewerVersionError } from '../../errors.ts'
import type { Journal } from '../../journal.ts'
import { RECORD_VERSION } from '../../records.ts'
import { ofKind } from './rules.ts'
import { answer, Drafted, forever, play } from './types.ts'
import { ask, type OpenWorld, withAppend } from './world.ts'

const ROLES = ['worker', 'second', 'third'] as const

/** A flow of three roles with a step each, every one of which fails its first attempt. */
function playAll(bus: Bus, performed: string[]): void {
  for (const [index, role] of ROLES.entries()) {
    play(bus, role, async (message, ctx) => {
      const said = await ctx.step({
        kind: 'model',
        name: 'model',
        request: { id: message.id, attempt: ctx.attempt },
        perform: () => {
          performed.push(`${role} ${ctx.attempt}`)
          return `${role} said ${ctx.attempt}`
        },
      })
      ctx.log('{role} heard', { role })
      if (ctx.attempt === 1) throw new Error('once more')
      const next = ROLES[index + 1]
      const text = `${said} ${ctx.random()}`
      if (next === undefined) answer(ctx, text)
      else ctx.handoff(next, Drafted, { text })
    })
  }
}

/** 15. An open run goes on in another process as if nothing had happened. */
export function resume(open: OpenWorld): void {
  describe('15. resume', () => {
    test('wherever its process is killed, a run ends as it would have, each message once', async () => {
      const expected = await undisturbed(open)
      for (let killAfter = 1; killAfter < expected.appends; killAfter++) {
        await using world = await open()
        const first = world.process()
        const performed: string[] = []
        playAll(first.bus, performed)
        const run = ask(first.bus, { runId: 'the-run' })
        const killing = new Promise<void>((resolve, reject) => {
          const watching = first.bus.observe(() => {
            if (first.batches.length < killAfter) return
            watching[Symbol.dispose]()
            first.kill().then(resolve, reject)
          })
        })
        await world.until(killing)
        await world.rest()
        // The batch that ends the run may have been on its way, together with what it was told of.
        if ((await world.openRuns()).length === 0) continue
        const second = world.bus()
        playAll(second, performed)
        const end = await world.end(await world.until(second.resume(run.id)))
        expect(end.status, `killed after append ${killAfter}`).toBe('completed')
        const records = await world.records(run.id)
        expect(ofKind(records, 'message').map(({ message }) => message.id)).toEqual(expected.ids)
        const [opened] = ofKind(records, 'run.opened')
        if (opened?.seed === expected.seed) expect(end.message?.data).toEqual(expected.data)
      }
    })

    test('settled deliveries are kept, failed attempts count, and steps are served', async () => {
      await using world = await open()
      const first = world.process()
      const performed: string[] = []
      playAll(first.bus, performed)
      const run = ask(first.bus)
      await world.until(
        new Promise<void>((resolve) => {
          first.bus.observe((record) => {
            if (record.kind === 'log' && record.role === 'second' && record.attempt === 2) resolve()
          })
        }),
      )
      await first.kill()
      const second = world.bus()
      playAll(second, performed)
      await world.end(await world.until(second.resume(run.id)))
      expect(new Set(performed).size).toBe(performed.length)
      expect(performed.sort()).toEqual(ROLES.flatMap((role) => [`${role} 1`, `${role} 2`]).sort())
    })

    test('messages from outside keep counting where they were', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', () => new Promise(() => {}))
      const run = ask(first.bus)
      const before = await world.until(run.publish('worker', Drafted, { text: '1' }))
      await first.kill()
      const second = world.bus()
      play(second, 'worker', () => new Promise(() => {}))
      const resumed = await world.until(second.resume(run.id))
      const after = await world.until(resumed.publish('worker', Drafted, { text: '2' }))
      expect([before, after]).toEqual([`${run.id}.x1`, `${run.id}.x2`])
    })

    test('a run that stopped at an error of its journal can be resumed at once by another bus', async () => {
      await using world = await open()
      const journal = withAppend(world.journal, async (batch, lease) => {
        if (batch[0]?.kind === 'settle') throw new Error('the disk is full')
        return world.journal.append(batch, lease)
      })
      const first = world.bus({ journal })
      play(first, 'worker', (_message, ctx) => void answer(ctx, 'lost'))
      const run = ask(first)
      await expect(world.end(run)).rejects.toThrow(JournalError)
      const second = world.bus()
      play(second, 'worker', (_message, ctx) => void answer(ctx, 'kept'))
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(end.message?.data).toEqual({ text: 'kept' })
    })

    test('a run of a newer record format is refused, and stays free for a bus that reads it', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', forever)
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const newer: Journal = {
        ...withAppend(world.journal, (batch, lease) => world.journal.append(batch, lease)),
        async *read(query) {
          for await (const record of world.journal.read(query)) {
            yield record.kind === 'run.opened' ? { ...record, version: RECORD_VERSION + 1 } : record
          }
        },
      }
      const older = world.bus({ journal: newer })
      let calls = 0
      play(older, 'worker', () => void calls++)
      await expect(world.until(older.resume(run.id))).rejects.toThrow(NewerVersionError)
      await world.advance(1000)
      expect(calls).toBe(0)
      const second = world.bus()
      play(second, 'worker', (_message, ctx) => void answer(ctx))
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(end.status).toBe('completed')
    })
  })
}

async function undisturbed(open: OpenWorld) {
  await using world = await open()
  const { bus, batches } = world.process()
  playAll(bus, [])
  const run = ask(bus, { runId: 'the-run' })
  const end = await world.end(run)
  const records = await world.records(run.id)
  return {
    appends: batches.length,
    data: end.message?.data,
    ids: ofKind(records, 'message').map(({ message }) => message.id),
    seed: ofKind(records, 'run.opened')[0]?.seed,
  }
}
