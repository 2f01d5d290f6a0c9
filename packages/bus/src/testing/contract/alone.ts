import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import type { DeliveryContext } from '../../delivery-context.ts'
import { TerminalError } from '../../errors.ts'
import { answer, forever, Hinted, HintWanted, play } from './types.ts'
import { ask, type OpenWorld, pause, type World, withAppend } from './world.ts'

const wanted = { text: '?' }

/** Who works at the moment, and what must not happen while one runs alone. */
class Watch {
  readonly #world: World
  readonly #working: string[] = []
  /** Runs of which somebody runs alone, once for each of them. */
  readonly #alone: string[] = []
  readonly broken: string[] = []

  constructor(world: World) {
    this.#world = world
  }

  /** Takes 5 ms, in which nobody of another run may work where one of them runs alone. */
  async work({ message: { runId } }: DeliveryContext): Promise<void> {
    this.#working.push(runId)
    for (const alone of this.#alone) {
      for (const other of this.#working) {
        if (other !== alone) this.broken.push(`${other} works while ${alone} is alone`)
      }
    }
    await pause(this.#world, 5)
    this.#working.splice(this.#working.indexOf(runId), 1)
  }

  /** Runs alone from here on; says when it does no longer. */
  alone({ message: { runId } }: DeliveryContext): () => void {
    for (const other of this.#working) this.broken.push(`${other} works when ${runId} begins`)
    this.#alone.push(runId)
    return () => void this.#alone.splice(this.#alone.indexOf(runId), 1)
  }
}

/** Each asks the next one. */
const CHAIN = ['worker', 'oracle', 'deep']

/** Plays the chain; the suspects may start twice, the others often. One of them may hang. */
function playChain(
  bus: Bus,
  suspects: readonly string[],
  { hangs, watch }: { readonly hangs?: string; readonly watch?: Watch },
): void {
  for (const [index, role] of CHAIN.entries()) {
    const next = CHAIN[index + 1]
    const isSuspect = suspects.includes(role)
    play(
      bus,
      role,
      async (message, ctx) => {
        if (role === hangs) await forever()
        const isAlone = isSuspect && message.runId.startsWith('killed')
        const end = isAlone ? watch?.alone(ctx) : undefined
        await watch?.work(ctx)
        if (next !== undefined) await ctx.ask(next, HintWanted, wanted)
        await watch?.work(ctx)
        end?.()
        if (message.type === HintWanted.name) ctx.reply(Hinted, { text: role })
        else answer(ctx)
      },
      { roleConcurrency: 1, startsPerAttempt: isSuspect ? 2 : 9 },
    )
  }
}

/** Plays one that runs alone from its second start on, and tells when it does. */
function playSuspect(bus: Bus, world: World): string[] {
  const told: string[] = []
  play(
    bus,
    'suspect',
    async (_message, ctx) => {
      told.push('begins alone')
      await pause(world, 50)
      told.push('ends alone')
      answer(ctx)
    },
    { startsPerAttempt: 2 },
  )
  return told
}

/** What may kill the process runs alone, and yet may ask and be asked. */
export function alone(open: OpenWorld): void {
  describe('alone', () => {
    test.each([
      ['the asker', ['worker']],
      ['the asked', ['oracle']],
      ['one asked inside an ask', ['deep']],
      ['the asker and the asked', ['worker', 'oracle']],
      ['the asker and one asked inside', ['worker', 'deep']],
      ['both that are asked', ['oracle', 'deep']],
      ['all of them', ['worker', 'oracle', 'deep']],
    ])(
      'where %s must run alone, nobody else works beside, and all come to their end',
      async (_name, suspects) => {
        await using world = await open()
        const ids = ['killed-1', 'killed-2', 'killed-3']
        for (const runId of ids) {
          // Each of them is killed once while nobody works for it.
          for (const hangs of CHAIN) {
            const { bus, kill } = world.process()
            playChain(bus, suspects, { hangs })
            if (hangs === CHAIN[0]) ask(bus, { runId })
            else await world.until(bus.resume(runId))
            await world.advance()
            await kill()
          }
        }
        const bus = world.bus()
        const watch = new Watch(world)
        playChain(bus, suspects, { watch })
        const runs = [ask(bus)]
        for (const id of ids) runs.push(await world.until(bus.resume(id)), ask(bus))
        for (const run of runs) expect((await world.end(run)).status).toBe('completed')
        expect(watch.broken).toEqual([])
      },
    )

    test('whoever is answered meanwhile goes on afterwards, also one that waits for a model too', async () => {
      await using world = await open()
      const first = world.process()
      playSuspect(first.bus, world)
      const suspect = ask(first.bus, { to: 'suspect' })
      await world.advance()
      await first.kill()
      const second = world.bus()
      const told = playSuspect(second, world)
      const model = { name: 'model', request: 1, waits: true }
      play(second, 'worker', async (_message, ctx) => {
        await Promise.all([
          ctx.ask('oracle', HintWanted, wanted).then(() => told.push('answered')),
          ctx.step({ ...model, perform: () => pause(world, 1_000) }),
        ])
        answer(ctx)
      })
      play(second, 'oracle', async (_message, ctx) => {
        await pause(world, 10)
        ctx.reply(Hinted, { text: 'so' })
      })
      const other = ask(second)
      await world.advance()
      const resumed = await world.until(second.resume(suspect.id))
      expect((await world.end(resumed)).status).toBe('completed')
      expect((await world.end(other)).status).toBe('completed')
      expect(told).toEqual(['begins alone', 'ends alone', 'answered'])
    })

    test('one whose end cannot be stored leaves the way free', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'suspect', forever)
      const { id } = ask(first.bus, { to: 'suspect' })
      await world.advance()
      await first.kill()
      let isFull = false
      const second = world.bus({
        journal: withAppend(world.journal, (batch, lease) =>
          isFull && lease.runId === id
            ? Promise.reject(new Error('the disk is full'))
            : world.journal.append(batch, lease),
        ),
      })
      play(second, 'suspect', forever, { startsPerAttempt: 2 })
      play(second, 'worker', (_message, ctx) => void answer(ctx))
      const suspect = await world.until(second.resume(id))
      await world.advance()
      isFull = true
      suspect.cancel('enough')
      await expect(world.end(suspect)).rejects.toThrow('the disk is full')
      expect((await world.end(ask(second))).status).toBe('completed')
    })

    test.each(['cancelled', 'failed'])(
      'one that is %s while it waits for a reply leaves the way free',
      async (how) => {
        await using world = await open()
        const playing = (bus: Bus, isFirst: boolean) => {
          play(bus, 'oracle', forever)
          play(
            bus,
            'suspect',
            async (_message, ctx) => {
              if (isFirst) await forever()
              const asking = ctx.ask('oracle', HintWanted, wanted)
              if (how === 'failed') throw new TerminalError('no more')
              await asking
            },
            { startsPerAttempt: 2 },
          )
          play(bus, 'worker', (_message, ctx) => void answer(ctx))
        }
        const first = world.process()
        playing(first.bus, true)
        const { id } = ask(first.bus, { to: 'suspect' })
        await world.advance()
        await first.kill()
        const second = world.bus()
        playing(second, false)
        const suspect = await world.until(second.resume(id))
        const other = ask(second)
        await world.advance()
        suspect.cancel('enough')
        expect((await world.end(suspect)).status).toBe(how)
        expect((await world.end(other)).status).toBe('completed')
      },
    )
  })
}
