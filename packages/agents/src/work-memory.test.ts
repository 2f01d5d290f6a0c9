import { defineMessage, Secret, secret } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineAgent } from './agent.ts'
import { to } from './routes.ts'
import { defineTeam } from './team.ts'
import { checkDeterminism, runAgent, runTeam } from './testing/index.ts'
import { defineTool } from './tool.ts'
import type { WorkContext } from './worker.ts'

const Greeted = defineMessage('person.greeted', z.object({ name: z.string() }))
const Said = defineMessage('line.said', z.object({ line: z.string() }))
const Visits = z.object({ count: z.int(), last: z.string() })

/** Says what a handler makes of its memory. */
const remembering = (work: (ctx: WorkContext, name: string) => Promise<string>) =>
  defineAgent({
    role: 'porter',
    description: 'Greets people.',
    accepts: [Greeted],
    emits: [to('coordinator', Said)],
    async handle({ data }, ctx) {
      ctx.handoff('coordinator', Said, { line: await work(ctx, data.name) })
    },
  })

const counting = remembering(async (ctx, name) => {
  const visits = await ctx.memory.get(`visits of ${name}`, Visits)
  const count = (visits?.count ?? 0) + 1
  ctx.memory.set(`visits of ${name}`, { count, last: name })
  return `${name}: ${count}`
})

describe('ctx.memory', () => {
  it('gives a value as its schema types it, and nothing where nothing is remembered', async () => {
    const agent = remembering(async (ctx) => {
      const visits = await ctx.memory.get('visits', Visits)
      expectTypeOf(visits).toEqualTypeOf<
        { readonly count: number; readonly last: string } | undefined
      >()
      return JSON.stringify(visits ?? 'nothing')
    })

    const memory = { visits: { count: 2, last: 'Ann', more: true } }
    expect((await runAgent(agent, { name: 'Ann' }, { memory })).handoff?.data.line).toBe(
      '{"count":2,"last":"Ann"}',
    )
    expect((await runAgent(agent, { name: 'Ann' })).handoff?.data.line).toBe('"nothing"')
  })

  it('says whose memory does not fit, which one, and what was expected', async () => {
    const run = await runAgent(
      counting,
      { name: 'Ann' },
      { memory: { 'visits of Ann': { count: 'two', last: 'Ann' } } },
    )

    expect(run.error).toMatchObject({ name: 'MemoryMismatchError', code: 'memory_mismatch' })
    expect(run.error?.message).toMatch(
      /^what 'porter' remembers as 'visits of Ann' does not fit: count: .*expected number.*; write it anew/i,
    )
    expect(run.error?.message).not.toContain('two')
    expect(run.memory).toEqual({})
  })

  it('finds by text, and recognises a secret by its fingerprint', async () => {
    const agent = remembering(async (ctx) => {
      const found = await ctx.memory.search('red', { limit: 1 })
      const [one, same, other] = await Promise.all(
        ['a', 'a', 'b'].map((value) => ctx.memory.fingerprint(new Secret(value))),
      )
      return JSON.stringify({ found, isSame: one === same, isOther: one !== other })
    })

    const memory = { colour: 'red and blue', hat: { colour: 'dark red' }, shoe: 'green' }
    const { handoff } = await runAgent(agent, { name: 'Ann' }, { memory })
    expect(JSON.parse(handoff?.data.line ?? '')).toEqual({
      found: [{ key: 'hat', value: { colour: 'dark red' } }],
      isSame: true,
      isOther: true,
    })
  })

  it('ends nothing where a handler does not wait for what it reads', async () => {
    const agent = remembering(async (ctx) => {
      void ctx.memory.get('visits', z.string())
      return 'gone on'
    })

    const { handoff } = await runAgent(agent, { name: 'Ann' }, { memory: { visits: 3 } })
    expect(handoff?.data.line).toBe('gone on')
  })

  it('is at hand inside a tool, whose call is the only step', async () => {
    const recall = defineTool({
      name: 'recall',
      description: 'Says what is remembered.',
      parameters: z.object({ key: z.string() }),
      result: z.object({ value: z.unknown() }),
      execute: async ({ key }, { memory }) => ({ value: (await memory.get(key)) ?? null }),
    })
    const agent = remembering(async (ctx) => `${(await ctx.call(recall, { key: 'hat' })).value}`)

    const run = await runAgent(agent, { name: 'Ann' }, { memory: { hat: 'red' } })
    expect(run.handoff?.data.line).toBe('red')
    expect(run.records.filter(({ kind }) => kind === 'step')).toHaveLength(1)
    await checkDeterminism(run)
  })

  it('keeps a secret by its handle', async () => {
    const agent = remembering(async (ctx) => {
      const key = await ctx.memory.get('key', secret())
      return `${key?.handle} ${key?.reveal().length} ${ctx.secret(key?.handle ?? '') === key}`
    })

    const memory = { key: new Secret('opensesame') }
    const { handoff, records } = await runAgent(agent, { name: 'Ann' }, { memory })
    expect(handoff?.data.line).toMatch(/^secret:before\/m1#1 10 true$/)
    expect(JSON.stringify(records)).not.toContain('opensesame')
  })
})

describe('the test kit', () => {
  it('gives an agent what it remembers and shows what it has written', async () => {
    const memory = { 'visits of Ann': { count: 4, last: 'Ann' } }
    const run = await runAgent(counting, { name: 'Ann' }, { memory })

    expect(run.handoff?.data).toEqual({ line: 'Ann: 5' })
    expect(run.memory).toEqual({ 'visits of Ann': { count: 5, last: 'Ann' } })
    expect((await runAgent(counting, { name: 'Bob' })).memory).toEqual({
      'visits of Bob': { count: 1, last: 'Bob' },
    })
  })

  it('does the same for the roles of a team', async () => {
    const team = defineTeam({
      name: 'door',
      agents: [counting],
      entry: to('porter', Greeted),
      terminal: Said,
    })
    const memory = { porter: { 'visits of Ann': { count: 1, last: 'Ann' } } }
    const run = await runTeam(team, { name: 'Ann' }, { memory })

    expect(run.output).toEqual({ line: 'Ann: 2' })
    expect(run.memory).toEqual({ porter: { 'visits of Ann': { count: 2, last: 'Ann' } } })
  })

  it('runs handlers again with what they had read, and notices other writes', async () => {
    const memory = { 'visits of Ann': { count: 4, last: 'Ann' } }
    await checkDeterminism(await runAgent(counting, { name: 'Ann' }, { memory }))

    let times = 0
    const fickle = remembering(async (ctx) => {
      ctx.memory.set('times', ++times)
      return 'done'
    })
    await expect(checkDeterminism(await runAgent(fickle, { name: 'Ann' }))).rejects.toThrow(
      /what it remembers differs \(1\): expected \{"key":"times","value":1\}/,
    )
  })
})
