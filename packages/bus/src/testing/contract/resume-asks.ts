import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Bus } from '../../bus.ts'
import { AskError, TerminalError } from '../../errors.ts'
import { defineMessage } from '../../message-type.ts'
import { ofKind } from './rules.ts'
import { answer, fansOut, forever, Hinted, HintWanted, play, Settled } from './types.ts'
import { type OpenWorld, resumed, type World } from './world.ts'

const wanted = { text: 'how?' }

/** Plays a role that replies, or never does. */
function playOracle(bus: Bus, replies: boolean, name = 'oracle'): Disposable {
  return play(bus, name, async (_message, ctx) => {
    if (!replies) await forever()
    ctx.reply(Hinted, { text: name })
  })
}

async function settlements(world: World): Promise<string[]> {
  return ofKind(await world.records(), 'settle').map(({ role, outcome }) => `${role} ${outcome}`)
}

/** What was asked holds for whoever goes on with its run. */
export function resumeAsks(open: OpenWorld): void {
  describe('resume of asks', () => {
    test('an asker that ends without asking again is not deterministic, and cancels what it asked', async () => {
      await using world = await open()
      const end = await resumed(world, (bus, { isFirst }) => {
        playOracle(bus, false)
        play(bus, 'worker', async (_message, ctx) => {
          if (isFirst) await ctx.ask('oracle', HintWanted, wanted)
          answer(ctx)
        })
      })
      expect(end).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining(
          'step 1 asks for something else than what was recorded: ' +
            'expected hint.wanted, got the handler ended without it',
        ),
      })
      expect(await settlements(world)).toEqual(['oracle cancelled', 'worker dead'])
    })

    test('an asker that fails before it asks again cancels what it asked, and asks anew', async () => {
      await using world = await open()
      const asked: string[] = []
      const end = await resumed(world, (bus, { isFirst }) => {
        play(bus, 'oracle', async (message, ctx) => {
          asked.push(message.id.slice(-4))
          if (isFirst) await forever()
          ctx.reply(Hinted, { text: 'so' })
        })
        play(bus, 'worker', async (_message, ctx) => {
          if (!isFirst && ctx.attempt === 1) throw new Error('out of luck')
          answer(ctx, (await ctx.ask('oracle', HintWanted, wanted)).text)
        })
      })
      expect(end.message?.data).toEqual({ text: 'so' })
      expect(asked).toEqual(['a1-1', 'a2-1'])
      expect(await settlements(world)).toEqual([
        'worker failed',
        'oracle cancelled',
        'oracle done',
        'worker done',
      ])
    })

    test('another step in the place of an ask that is open is not performed', async () => {
      await using world = await open()
      const performed: string[] = []
      const end = await resumed(world, (bus, { isFirst }) => {
        playOracle(bus, false)
        play(bus, 'worker', async (_message, ctx) => {
          if (isFirst) await ctx.ask('oracle', HintWanted, wanted)
          await ctx.step({ name: 'other', request: 1, perform: () => performed.push('other') })
        })
      })
      expect(end).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining('asks for something else than what was recorded'),
      })
      expect(performed).toEqual([])
    })

    const replacements: Record<string, (bus: Bus) => unknown> = {
      'is not played any more': () => undefined,
      'does not accept it any more': (bus) =>
        bus.subscribe('oracle', { accepts: [Hinted], handle() {} }),
      'cannot read it any more': (bus) =>
        bus.subscribe('oracle', {
          accepts: [defineMessage(HintWanted.name, z.object({ text: z.number() }))],
          handle() {},
        }),
    }
    test.each(Object.entries(replacements))(
      'an ask that is open, of a role that %s, rejects the asker',
      async (_name, replace) => {
        await using world = await open()
        const caught: unknown[] = []
        const end = await resumed(world, (bus, { isFirst }) => {
          if (isFirst) playOracle(bus, false)
          else replace(bus)
          play(bus, 'worker', async (_message, ctx) => {
            await ctx.ask('oracle', HintWanted, wanted).catch((error) => caught.push(error))
            answer(ctx)
          })
        })
        expect(end.status).toBe('completed')
        expect(caught).toMatchObject([{ code: 'ask_failed' }])
        expect(await settlements(world)).toEqual(['oracle dead', 'worker done'])
      },
    )

    test.each([
      ['failed', 'ask_failed', () => Promise.reject(new TerminalError('broken'))],
      ['gave no reply', 'no_reply', () => {}],
      ['took too long', 'ask_timeout', forever],
    ])('whoever asked one that %s gets the same error again', async (_name, code, handle) => {
      await using world = await open()
      const caught: unknown[] = []
      await resumed(
        world,
        (bus, { isFirst }) => {
          play(bus, 'oracle', handle)
          play(bus, 'worker', async (_message, ctx) => {
            const asking = ctx.ask('oracle', HintWanted, wanted, { timeoutMs: 100 })
            await asking.catch((error) => caught.push(error))
            if (isFirst) await forever()
            answer(ctx)
          })
        },
        { afterMs: 200 },
      )
      expect(caught).toMatchObject([{ code }, { code }])
      expect(caught).toEqual([expect.any(AskError), expect.any(AskError)])
      expect(String(caught[1])).toBe(String(caught[0]))
      expect((await settlements(world)).filter((line) => line.startsWith('oracle'))).toHaveLength(1)
    })

    test('an asker whose role is not played any more takes what it asked with it', async () => {
      await using world = await open()
      const end = await resumed(world, (bus, { isFirst }) => {
        play(bus, 'worker', fansOut(['asker'], 'joiner', Settled))
        playOracle(bus, false)
        if (isFirst) {
          play(bus, 'asker', async (_message, ctx) => {
            await ctx.ask('oracle', HintWanted, wanted)
          })
        }
        play(bus, 'joiner', () => {})
      })
      expect(end.status).toBe('stalled')
      const settled = await settlements(world)
      expect(settled.sort()).toEqual([
        'asker dead',
        'joiner done',
        'oracle cancelled',
        'worker done',
      ])
    })

    test('what was asked inside an ask is waited for as well, and nobody is asked twice', async () => {
      await using world = await open()
      const end = await resumed(world, (bus, { isFirst }) => {
        playOracle(bus, true, 'known')
        playOracle(bus, !isFirst, 'open')
        play(bus, 'middle', async (_message, ctx) => {
          const hints = await ctx.ask(['known', 'open'], HintWanted, wanted)
          ctx.reply(Hinted, { text: hints.map(({ text }) => text).join(' ') })
        })
        play(bus, 'worker', async (_message, ctx) => {
          answer(ctx, (await ctx.ask('middle', HintWanted, wanted)).text)
        })
      })
      expect(end.message?.data).toEqual({ text: 'known open' })
      const messages = ofKind(await world.records(), 'message')
      expect(messages.filter(({ asked }) => asked !== undefined)).toHaveLength(3)
      expect(await settlements(world)).toEqual([
        'known done',
        'open done',
        'middle done',
        'worker done',
      ])
    })

    test('a reply that was recorded is served; an ask that is open is not asked again', async () => {
      await using world = await open()
      const handled: string[] = []
      const end = await resumed(world, (bus, { isFirst }) => {
        for (const role of ['quick', 'stuck']) {
          play(bus, role, async (message, ctx) => {
            handled.push(`${role} ${message.id.slice(-4)}`)
            if (isFirst && role === 'stuck') await forever()
            ctx.reply(Hinted, { text: role })
          })
        }
        play(bus, 'worker', async (_message, ctx) => {
          const hints = await ctx.ask(['quick', 'stuck'], HintWanted, wanted)
          answer(ctx, hints.map(({ text }) => text).join(' '))
        })
      })
      expect(end.message?.data).toEqual({ text: 'quick stuck' })
      expect(handled.sort()).toEqual(['quick a1-1', 'stuck a1-2', 'stuck a1-2'])
    })

    test.each(['answered', 'open'])(
      'another ask than the one that is %s is non-determinism',
      async (state) => {
        await using world = await open()
        const end = await resumed(world, (bus, { isFirst }) => {
          play(bus, 'oracle', async (_message, ctx) => {
            if (isFirst && state === 'open') await forever()
            ctx.reply(Hinted, { text: 'so' })
          })
          play(bus, 'worker', async (_message, ctx) => {
            await ctx.ask('oracle', HintWanted, { text: isFirst ? 'this' : 'that' })
            if (isFirst) await forever()
            answer(ctx)
          })
        })
        expect(end).toMatchObject({
          status: 'failed',
          reason: expect.stringContaining('asks for something else than what was recorded'),
        })
      },
    )
  })
}
