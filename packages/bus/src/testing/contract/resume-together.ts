import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import type { RunStatus } from '../../records.ts'
import type { DeliveryOptions } from '../../role.ts'
import type { Run } from '../../run.ts'
import { ofKind } from './rules.ts'
import {
  All,
  answer,
  branches,
  First,
  fansOut,
  forever,
  type Handle,
  Hinted,
  HintWanted,
  hear,
  Part,
  part,
  play,
  resultsOf,
  Settled,
} from './types.ts'
import { ask, type OpenWorld, pause, type World, withAppend } from './world.ts'

const RUN = 'the-run'

/** May be started as often as a test kills its process. */
const HARDY = { startsPerAttempt: 1_000, backoffMs: 0 }

type Play = (role: string, handle: Handle) => void

/** Plays a team whose steps say what they have performed, each with a request of its own. */
type Team = (playing: {
  readonly world: World
  readonly play: Play
  readonly perform: (what: string) => { name: string; request: string; perform(): string }
}) => void

/** Asks, asks inside asks, fan-outs inside fan-outs, retries, a branch that goes nowhere. */
const everything: Team = ({ play: plays, perform }) => {
  plays('worker', async (_message, ctx) => {
    const [one, two] = await Promise.all([
      ctx.ask('oracle', HintWanted, { text: 'one' }),
      ctx.ask('sage', HintWanted, { text: 'two' }),
    ])
    const work = await ctx.step(perform(`worker ${ctx.attempt} ${one.text} ${two.text}`))
    if (ctx.attempt === 1) throw new Error('once more')
    ctx.log(work)
    ctx.fanOut(branches('leaf', 'nest', 'bad'), { to: 'joiner', type: Settled })
  })
  plays('oracle', (message, ctx) => {
    if (message.type === HintWanted.name) ctx.reply(Hinted, { text: `oracle ${message.data.text}` })
  })
  plays('sage', async (_message, ctx) => {
    const { text } = await ctx.ask('oracle', HintWanted, { text: 'deep' })
    ctx.reply(Hinted, { text: `sage ${text}` })
  })
  plays('leaf', async (_message, ctx) => {
    const text = await ctx.step(perform(`leaf ${ctx.attempt}`))
    if (ctx.attempt === 1) throw new Error('once more')
    part(ctx, text)
  })
  plays('nest', fansOut(['twig', 'twig'], 'inner', All))
  plays('twig', async (message, ctx) => {
    const { text } = await ctx.ask('oracle', HintWanted, { text: message.id.slice(-2) })
    ctx.handoff('inner', Part, { text: await ctx.step(perform(`twig ${text}`)) })
  })
  plays('inner', (message, ctx) => void part(ctx, JSON.stringify(resultsOf(message))))
  plays('bad', () => {})
  plays('joiner', (message, ctx) => void answer(ctx, JSON.stringify(resultsOf(message))))
}

/** Joins of the first two of four branches, inside one another, which all come at the same time. */
const races: Team = ({ world, play: plays, perform }) => {
  const roles = ['a', 'b', 'c', 'd']
  plays('worker', fansOut(['nest', 'nest', 'nest'], 'joiner', First))
  plays('nest', fansOut(roles, 'inner', First))
  for (const role of roles) {
    plays(role, async ({ id }, ctx) => {
      await pause(world, Math.floor(world.runtime.random() * 5))
      const { text } = await ctx.ask('oracle', HintWanted, { text: role })
      ctx.handoff('inner', Part, { text: await ctx.step(perform(`${id} ${text}`)) })
    })
  }
  plays('oracle', (_message, ctx) => void ctx.reply(Hinted, { text: 'so' }))
  plays('inner', (message, ctx) => void part(ctx, JSON.stringify(resultsOf(message))))
  plays('joiner', (message, ctx) => void answer(ctx, JSON.stringify(resultsOf(message))))
}

/** Plays the team, with a listener, and gives what it has performed. */
function playTeam(
  world: World,
  bus: Bus,
  team: Team,
  more: Partial<DeliveryOptions> = {},
): readonly string[] {
  const options = { ...HARDY, ...more }
  const performed: string[] = []
  const perform = (what: string) => ({
    name: 'work',
    request: what,
    perform: () => {
      performed.push(what)
      return what
    },
  })
  team({ world, play: (role, handle) => void play(bus, role, handle, options), perform })
  hear(
    bus,
    'ear',
    async ({ id }, ctx) => {
      await ctx.step(perform(`heard ${id}`))
    },
    options,
  )
  return performed
}

/** A process that dies when the journal has stored so many batches of it, before it hears of the last one. */
function mortal(world: World, appends: number) {
  const { promise: death, resolve: die } = Promise.withResolvers<undefined>()
  let left = appends
  const process = world.process({
    journal: withAppend(world.journal, async (batch, lease) => {
      if (left === 0) return forever()
      left--
      const stored = await world.journal.append(batch, lease)
      if (left > 0) return stored
      process.freeze()
      die(undefined)
      return forever()
    }),
  })
  return { process, death }
}

/** How a run is recorded to have ended once its process has died, or has ended it; `undefined` for not. */
async function endOf(
  world: World,
  { process, death }: ReturnType<typeof mortal>,
  run: Run,
): Promise<RunStatus | undefined> {
  const end = await world.until(Promise.race([death, run.result]))
  if (end === undefined) await process.kill()
  return ofKind(await world.records(RUN), 'run.ended')[0]?.status
}

async function undisturbed(open: OpenWorld, team: Team) {
  await using world = await open()
  const { bus, batches } = world.process()
  playTeam(world, bus, team)
  const { reason, message } = await world.end(ask(bus, { runId: RUN }))
  expect(reason).toBeUndefined()
  return { appends: batches.length, data: message?.data, ids: await idsOf(world) }
}

async function idsOf(world: World): Promise<string[]> {
  return ofKind(await world.records(RUN), 'message')
    .map(({ message }) => message.id)
    .sort()
}

/** The requests of the steps that are recorded. */
async function recordedSteps(world: World): Promise<unknown[]> {
  return ofKind(await world.records(RUN), 'step').map(({ request }) => request)
}

/** Runs of agents together go on in another process as if nothing had happened. */
export function resumeTogether(open: OpenWorld): void {
  describe('resume of agents together', () => {
    test.each(Object.entries({ everything, races }))(
      'wherever its process is killed, a run of %s ends, and serves what was recorded',
      async (_name, team) => {
        const expected = await undisturbed(open, team)
        expect(expected.appends).toBeGreaterThan(30)
        for (let appends = 1; appends < expected.appends; appends++) {
          await using world = await open()
          const first = mortal(world, appends)
          playTeam(world, first.process.bus, team)
          const opened = ask(first.process.bus, { runId: RUN })
          if ((await endOf(world, first, opened)) !== undefined) continue
          const recorded = await recordedSteps(world)
          const second = world.bus()
          const performed = playTeam(world, second, team)
          const end = await world.end(await world.until(second.resume(RUN)))
          const where = `killed after append ${appends}`
          expect(end.status, where).toBe('completed')
          expect(
            performed.filter((what) => recorded.includes(what)),
            where,
          ).toEqual([])
          if (team === races) continue
          expect(end.message?.data, where).toEqual(expected.data)
          expect(await idsOf(world), where).toEqual(expected.ids)
        }
      },
    )

    test.each(Object.entries({ everything, races }))(
      'whichever append of %s fails, the run is left to others, and takes nothing from other runs',
      async (_name, team) => {
        const { appends } = await undisturbed(open, team)
        for (let failing = 1; failing < appends; failing++) {
          await using world = await open()
          let left = failing
          const journal = withAppend(world.journal, (batch, lease) =>
            lease.runId === RUN && --left <= 0
              ? Promise.reject(new Error('the disk is full'))
              : world.journal.append(batch, lease),
          )
          const bus = world.bus({ journal })
          playTeam(world, bus, team, { roleConcurrency: 1 })
          const where = `append ${failing} failed`
          const run = ask(bus, { runId: RUN })
          await expect(world.end(run), where).rejects.toThrow('the disk is full')
          expect((await world.end(ask(bus))).status, where).toBe('completed')
          if (failing === 1) continue
          const other = world.bus()
          playTeam(world, other, team)
          const end = await world.end(await world.until(other.resume(RUN)))
          expect(end.status, where).toBe('completed')
        }
      },
    )

    test.each(Object.entries({ everything, races }))(
      'a run of %s ends though its process is killed again and again, and records no step twice',
      async (_name, team) => {
        await using world = await open()
        let status: RunStatus | undefined
        let processes = 0
        while (status === undefined) {
          const next = mortal(world, 12)
          const { bus } = next.process
          playTeam(world, bus, team)
          const run = processes === 0 ? ask(bus, { runId: RUN }) : bus.resume(RUN)
          status = await endOf(world, next, await world.until(Promise.resolve(run)))
          processes++
        }
        expect(status).toBe('completed')
        expect(processes).toBeGreaterThan(4)
        const steps = await recordedSteps(world)
        expect(new Set(steps).size).toBe(steps.length)
      },
    )
  })
}
