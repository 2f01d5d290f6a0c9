import { describe, expect, test } from 'vitest'
import type { DeliveryContext } from '../../delivery-context.ts'
import { Secret } from '../../secret.ts'
import { recalled, remembering, works } from './memory.ts'
import { ofKind } from './rules.ts'
import { forever } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** What a handler reads from memory. */
export function memoryReads(open: OpenWorld): void {
  describe('memory', () => {
    test('an attempt reads what it has written itself, without a step', async () => {
      await using world = await open()
      const seen: unknown[] = []
      const { runId } = await remembering(world, async (ctx) => {
        ctx.memory.set('colour', 'blue')
        seen.push(await ctx.memory.get('colour'))
        ctx.memory.set('colour', 'red')
        seen.push(await ctx.memory.get('colour'), await ctx.memory.get('other'))
      })
      expect(seen).toEqual(['blue', 'red', undefined])
      expect(ofKind(await world.records(runId), 'step')).toHaveLength(1)
    })

    test('a read is a step that says which memory it was, and nothing of its value', async () => {
      await using world = await open()
      const first = await remembering(world, (ctx) => ctx.memory.set('colour', 'ultramarine'))
      const { runId } = await remembering(world, async (ctx) => {
        await ctx.memory.get('colour')
        await ctx.memory.get('shape')
        await ctx.memory.search('ultra')
      })
      const records = await world.records(runId)
      expect(
        ofKind(records, 'step').map(({ stepKind, name, request, outcome }) => [
          stepKind,
          name,
          request,
          outcome.type === 'response' ? outcome.response : outcome.type,
        ]),
      ).toEqual([
        ['memory', 'get', { key: 'colour' }, `${first.runId}/m1`],
        ['memory', 'get', { key: 'shape' }, null],
        ['memory', 'search', { text: 'ultra', limit: 100 }, [`${first.runId}/m1`]],
      ])
      expect(JSON.stringify(records)).not.toContain('ultramarine')
    })

    test('what is read is frozen', async () => {
      await using world = await open()
      await remembering(world, (ctx) => ctx.memory.set('list', [{ a: 1 }]))
      const value = await recalled(world, 'list')
      expect(Object.isFrozen(value) && Object.isFrozen(Array.isArray(value) && value[0])).toBe(true)
    })

    test('a second start is served the same memory, though a later run has overwritten it', async () => {
      await using world = await open()
      await remembering(world, (ctx) => ctx.memory.set('colour', 'blue'))
      const first = world.process()
      const seen: unknown[] = []
      const look = async (ctx: DeliveryContext) => {
        const found = await ctx.memory.search('colour')
        seen.push(await ctx.memory.get('colour'), await ctx.memory.get('shape'), found)
      }
      works(first.bus, async (ctx) => {
        await look(ctx)
        await forever()
      })
      const run = ask(first.bus, { thread: 'home' })
      await world.advance()
      await first.kill()
      await remembering(world, (ctx) => {
        ctx.memory.set('colour', 'red')
        ctx.memory.set('shape', 'round')
      })
      const second = world.bus()
      works(second, look)
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(end.status).toBe('completed')
      expect(seen.slice(3)).toEqual(seen.slice(0, 3))
      expect(seen[0]).toBe('blue')
      expect(ofKind(await world.records(run.id), 'step')).toHaveLength(3)
    })

    test('reads inside one run see what is there then, each by itself', async () => {
      await using world = await open()
      const seen: unknown[] = []
      await remembering(world, async (ctx) => {
        seen.push(await ctx.memory.get('colour'))
        await remembering(world, (inner) => inner.memory.set('colour', 'blue'), {
          thread: 'home',
          role: 'worker',
        })
        seen.push(await ctx.memory.get('colour'))
      })
      expect(seen).toEqual([undefined, 'blue'])
    })
    test('what a step reads inside is in its own record, and is not read again', async () => {
      await using world = await open()
      await remembering(world, (ctx) => ctx.memory.set('colour', 'blue'))
      const first = world.process()
      const seen: unknown[] = []
      const look = (ctx: DeliveryContext) =>
        ctx.step({
          name: 'look',
          request: null,
          perform: async ({ memory }) => ({
            colour: await memory.get('colour'),
            own: await memory.get('own'),
            found: await memory.search('blue'),
            print: await memory.fingerprint(new Secret('opensesame')),
          }),
        })
      works(first.bus, async (ctx) => {
        ctx.memory.set('own', 1)
        seen.push(await look(ctx))
        await forever()
      })
      const run = ask(first.bus, { thread: 'home' })
      await world.advance()
      await first.kill()
      await remembering(world, (ctx) => ctx.memory.set('colour', 'red'))
      const second = world.bus()
      works(second, async (ctx) => seen.push(await look(ctx)))
      await world.end(await world.until(second.resume(run.id)))
      const print = world.journal.memory.fingerprint('opensesame')
      const found = [{ key: 'colour', value: 'blue' }]
      expect(seen).toEqual(Array(2).fill({ colour: 'blue', own: 1, found, print }))
      expect(ofKind(await world.records(run.id), 'step').map(({ name }) => name)).toEqual(['look'])
    })
  })
}
