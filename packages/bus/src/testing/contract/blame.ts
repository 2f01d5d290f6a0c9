import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import { ofKind } from './rules.ts'
import { answer, forever, type Handle, Hinted, HintWanted, play } from './types.ts'
import { ask, type OpenWorld, type World } from './world.ts'

const wanted = { text: '?' }
const RUN = 'killed'

/** Plays a team in one process after the other, each of which is killed; stops when the run has ended. */
async function killEach(world: World, playing: (bus: Bus) => void): Promise<void> {
  for (let processes = 0; processes < 20; processes++) {
    const { bus, kill } = world.process()
    playing(bus)
    if (processes === 0) ask(bus, { runId: RUN })
    else await world.until(bus.resume(RUN))
    await world.advance()
    if (ofKind(await world.records(RUN), 'run.ended').length > 0) return
    await kill()
  }
}

/** How often each delivery was started, and what became of it. */
async function startsOf(world: World): Promise<Record<string, string>> {
  const records = await world.records(RUN)
  return Object.fromEntries(
    ofKind(records, 'settle').map(({ messageId, role, outcome, reason }) => {
      const starts = ofKind(records, 'start').filter((record) => record.messageId === messageId)
      return [role, `${starts.length + 1} starts, ${reason ?? outcome}`]
    }),
  )
}

const reply: Handle = (_message, ctx) => void ctx.reply(Hinted, { text: 'so' })

/** Of those that are at work when a process ends, who only waits for another one is not to blame. */
export function blame(open: OpenWorld): void {
  describe('blame for killed processes', () => {
    test('is on who was asked, and its asker hears of it', async () => {
      await using world = await open()
      await killEach(world, (bus) => {
        play(bus, 'oracle', forever)
        play(bus, 'worker', async (_message, ctx) => {
          const asking = ctx.ask('oracle', HintWanted, wanted)
          answer(ctx, await asking.then(({ text }) => text, String))
        })
      })
      expect(await startsOf(world)).toEqual({
        oracle: '3 starts, crashed',
        worker: '4 starts, done',
      })
    })

    test('is on who was asked last, where one asks another', async () => {
      await using world = await open()
      await killEach(world, (bus) => {
        play(bus, 'deep', forever)
        play(bus, 'oracle', async (_message, ctx) => {
          const asking = ctx.ask('deep', HintWanted, wanted)
          ctx.reply(Hinted, { text: await asking.then(({ text }) => text, String) })
        })
        play(bus, 'worker', async (_message, ctx) => {
          answer(ctx, (await ctx.ask('oracle', HintWanted, wanted)).text)
        })
      })
      expect(await startsOf(world)).toEqual({
        deep: '3 starts, crashed',
        oracle: '4 starts, done',
        worker: '4 starts, done',
      })
    })

    test('is on the asker for what it does before and after', async () => {
      await using world = await open()
      await killEach(world, (bus) => {
        play(bus, 'oracle', reply)
        play(bus, 'worker', async (_message, ctx) => {
          await ctx.ask('oracle', HintWanted, wanted)
          await forever()
        })
      })
      expect(await startsOf(world)).toEqual({
        oracle: '1 starts, done',
        worker: '3 starts, crashed',
      })
    })

    test('is taken from an asker once for each process, however many it asks at once', async () => {
      await using world = await open()
      await killEach(world, (bus) => {
        for (const role of ['a', 'b', 'c']) play(bus, role, forever)
        play(bus, 'worker', async (_message, ctx) => {
          await ctx.ask(['a', 'b', 'c'], HintWanted, wanted).catch(() => {})
          await forever()
        })
      })
      // Two processes end with all three at work, three with one of them alone, three with the worker.
      expect(await startsOf(world)).toEqual({
        a: '3 starts, crashed',
        b: '3 starts, crashed',
        c: '3 starts, crashed',
        worker: '8 starts, crashed',
      })
    })
  })
}
