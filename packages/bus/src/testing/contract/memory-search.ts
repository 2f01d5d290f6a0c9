import { describe, expect, test } from 'vitest'
import type { MemoryQuery } from '../../journal.ts'
import type { MemoryRecord } from '../../records.ts'
import { Secret } from '../../secret.ts'
import { recalled, remembering, works } from './memory.ts'
import { ofKind } from './rules.ts'
import { forever } from './types.ts'
import { ask, type OpenWorld, type World } from './world.ts'

const VALUE = 'Tr0ub4dor&3'

/** What can be found, erased and recognised in memory. */
export function memorySearch(open: OpenWorld): void {
  describe('memory', () => {
    searching(open)
    forgetting(open)
    secretsInMemory(open)
    fingerprints(open)
  })
}

/** The keys that a search of a new run finds. */
async function found(world: World, text: string, limit?: number): Promise<readonly string[]> {
  let keys: readonly string[] = []
  await remembering(world, async (ctx) => {
    const options = limit === undefined ? {} : { limit }
    keys = (await ctx.memory.search(text, options)).map(({ key }) => key)
  })
  return keys
}

async function listed(world: World, query?: MemoryQuery): Promise<MemoryRecord[]> {
  const records: MemoryRecord[] = []
  for await (const record of world.journal.memory.list(query)) records.push(record)
  return records
}

const keysOf = (records: readonly MemoryRecord[]) => records.map(({ key }) => key)

function searching(open: OpenWorld): void {
  async function filled(): Promise<World> {
    const world = await open()
    await remembering(world, (ctx) => {
      ctx.memory.set('bank length', { wish: 'always 24 characters', tags: ['Zürich', 7] })
      ctx.memory.set('router symbols', { wish: 'never use symbols' })
      ctx.memory.set('passphrases', ['I prefer passphrases', { note: "don't_ask (really)" }])
    })
    return world
  }

  test.each([
    ['bank', ['bank length']],
    ['always', ['bank length']],
    ['BANK Always', ['bank length']],
    ['zurich', ['bank length']],
    ['ZÜRICH', ['bank length']],
    ['24', ['bank length']],
    ['7', ['bank length']],
    ['wish', ['router symbols', 'bank length']],
    ['symb', ['router symbols']],
    ['ymbols', []],
    ['bank symbols', []],
    ['prefer pass', ['passphrases']],
    ['ask', ['passphrases']],
    ['don t', ['passphrases']],
    ['', []],
    ['*** "" ()', []],
    ['bank OR router', []],
    ['NOT bank', []],
    ['bank*', ['bank length']],
    ['key:bank', []],
    ['"bank', ['bank length']],
  ])('finds by %j: %j', async (text, keys) => {
    await using world = await filled()
    expect(await found(world, text)).toEqual(keys)
  })

  test('gives key and value, the newest first, and as many as are wanted', async () => {
    await using world = await filled()
    await remembering(world, (ctx) => ctx.memory.set('bank length', 'wish: 30'))
    expect(await found(world, 'wish')).toEqual(['bank length', 'router symbols'])
    expect(await found(world, 'wish', 1)).toEqual(['bank length'])
    expect(await found(world, 'wish', 0)).toEqual([])
    expect(await found(world, 'wish', 1_000)).toHaveLength(2)
    let values: readonly unknown[] = []
    await remembering(world, async (ctx) => {
      values = await ctx.memory.search('wish')
    })
    expect(values).toEqual([
      { key: 'bank length', value: 'wish: 30' },
      { key: 'router symbols', value: { wish: 'never use symbols' } },
    ])
  })

  test('finds nothing of a value that was overwritten, of another role or of another thread', async () => {
    await using world = await filled()
    await remembering(world, (ctx) => ctx.memory.set('bank length', 'thirty'))
    expect(await found(world, 'always')).toEqual([])
    await remembering(world, (ctx) => ctx.memory.set('a', 'purple'), { thread: 'work' })
    await remembering(world, (ctx) => ctx.memory.set('b', 'purple'), {
      thread: 'home',
      role: 'other',
    })
    await remembering(world, (ctx) => ctx.memory.set('c', 'purple'), {})
    expect(await found(world, 'purple')).toEqual([])
  })

  test('does not find what the attempt itself has written', async () => {
    await using world = await open()
    let during: unknown
    await remembering(world, async (ctx) => {
      ctx.memory.set('colour', 'blue')
      during = await ctx.memory.search('blue')
    })
    expect(during).toEqual([])
    expect(await found(world, 'blue')).toEqual(['colour'])
  })
}

function forgetting(open: OpenWorld): void {
  async function filled(): Promise<World> {
    const world = await open()
    for (const value of ['azure', 'cobalt']) {
      await remembering(world, (ctx) => ctx.memory.set('colour', value))
    }
    await remembering(world, (ctx) => ctx.memory.set('shape', 'round'))
    await remembering(world, (ctx) => ctx.memory.set('colour', 'green'), { thread: 'work' })
    await remembering(world, (ctx) => ctx.memory.set('colour', 'brown'), {
      thread: 'home',
      role: 'other',
    })
    return world
  }

  test('lists what is remembered now in threads, the oldest first', async () => {
    await using world = await filled()
    await remembering(world, (ctx) => ctx.memory.set('of a run', 'alone'), {})
    const values = async (query?: MemoryQuery) =>
      (await listed(world, query)).map(({ value }) => value)
    expect(await values()).toEqual(['cobalt', 'round', 'green', 'brown'])
    expect(await values({ thread: 'home' })).toEqual(['cobalt', 'round', 'brown'])
    expect(await values({ thread: 'home', role: 'other' })).toEqual(['brown'])
    expect(await values({ key: 'colour' })).toEqual(['cobalt', 'green', 'brown'])
    expect(await values({ thread: 'nowhere' })).toEqual([])
  })

  test('erases a value and its earlier values, also from the records of its run', async () => {
    await using world = await filled()
    const query = { thread: 'home', role: 'worker', key: 'colour' }
    const erased = await world.journal.memory.forget(query)
    expect(erased.map(({ value }) => value)).toEqual(['azure', 'cobalt'])
    const records = await world.records()
    expect(JSON.stringify(records)).not.toMatch(/azure|cobalt/)
    const blank = ofKind(records, 'memory').filter(({ value }) => value === undefined)
    expect(blank.map(({ role, thread, key }) => [role, thread, key])).toEqual([
      ['worker', 'home', 'colour'],
      ['worker', 'home', 'colour'],
    ])
    expect(await recalled(world, 'colour')).toBeUndefined()
    expect(await found(world, 'cobalt')).toEqual([])
    expect(await world.journal.memory.read(erased[1]?.id ?? '')).toBeUndefined()
    expect(keysOf(await listed(world))).toEqual(['shape', 'colour', 'colour'])
    expect(await world.journal.memory.forget(query)).toEqual([])
  })

  test('leaves other threads, roles and keys alone, and takes a whole thread', async () => {
    await using world = await filled()
    const erased = await world.journal.memory.forget({ thread: 'home' })
    expect(new Set(erased.map(({ value }) => value))).toEqual(
      new Set(['azure', 'cobalt', 'round', 'brown']),
    )
    expect((await listed(world)).map(({ value }) => value)).toEqual(['green'])
    expect(await world.journal.memory.forget({ thread: 'nowhere' })).toEqual([])
  })

  test('what is written afterwards is remembered again', async () => {
    await using world = await filled()
    await world.journal.memory.forget({ thread: 'home' })
    await remembering(world, (ctx) => ctx.memory.set('colour', 'pink'))
    expect(await recalled(world, 'colour')).toBe('pink')
    expect(await found(world, 'pink')).toEqual(['colour'])
  })

  test('the numbers, ids and order of the records stay', async () => {
    await using world = await filled()
    const shape = async () =>
      (await world.records()).map((record) => [record.seq, record.runId, record.kind])
    const before = await shape()
    await world.journal.memory.forget({ key: 'colour' })
    expect(await shape()).toEqual(before)
  })

  test('a run that has read it goes on without it after a crash', async () => {
    await using world = await filled()
    const first = world.process()
    const seen: unknown[] = []
    works(first.bus, async (ctx) => {
      seen.push(await ctx.memory.get('shape'))
      await forever()
    })
    const run = ask(first.bus, { thread: 'home' })
    await world.advance()
    await first.kill()
    await world.journal.memory.forget({ key: 'shape' })
    const second = world.bus()
    works(second, async (ctx) => {
      seen.push(await ctx.memory.get('shape'), await ctx.memory.search('round'))
    })
    const end = await world.end(await world.until(second.resume(run.id)))
    expect(end.status).toBe('completed')
    expect(seen).toEqual(['round', undefined, []])
  })
}

function secretsInMemory(open: OpenWorld): void {
  test('a secret in a value keeps its handle, and resolves in later runs of the thread', async () => {
    await using world = await open()
    const { runId } = await remembering(world, async (ctx) => {
      const made = await ctx.step({ name: 'make', request: 1, perform: () => new Secret(VALUE) })
      ctx.memory.set('keys', { made, own: new Secret('of the handler') })
    })
    const seen: unknown[] = []
    await remembering(world, async (ctx) => {
      seen.push(ctx.secret(`secret:${runId}/1.1#1`))
      const value = JSON.parse(JSON.stringify(await ctx.memory.get('keys')))
      for (const handle of [value.made, value.own]) {
        seen.push(handle, ctx.secret(handle)?.reveal())
      }
      ctx.log(`it was ${VALUE}`)
    })
    expect(seen).toEqual([
      undefined,
      `secret:${runId}/1.1#1`,
      VALUE,
      `secret:${runId}/m1#2`,
      'of the handler',
    ])
    expect(JSON.stringify(await world.records())).not.toMatch(/Tr0ub4dor|of the handler/)
  })

  test('and in the run that has read it, when that goes on after a crash', async () => {
    await using world = await open()
    await remembering(world, (ctx) => ctx.memory.set('key', new Secret(VALUE)))
    const first = world.process()
    works(first.bus, async (ctx) => {
      await ctx.memory.get('key')
      await forever()
    })
    const run = ask(first.bus, { thread: 'home' })
    await world.advance()
    await first.kill()
    const second = world.bus()
    const revealed: unknown[] = []
    works(second, async (ctx) => {
      const key = await ctx.memory.get('key')
      revealed.push(key instanceof Secret ? [key.reveal(), ctx.secret(key.handle)?.reveal()] : key)
    })
    await world.end(await world.until(second.resume(run.id)))
    expect(revealed).toEqual([[VALUE, VALUE]])
  })

  test('nobody finds a memory by the value of a secret', async () => {
    await using world = await open()
    await remembering(world, (ctx) => ctx.memory.set('key', { key: new Secret('opensesame') }))
    expect(await found(world, 'opensesame')).toEqual([])
    expect(await found(world, 'key')).toEqual(['key'])
  })
}

function fingerprints(open: OpenWorld): void {
  test('a fingerprint is the same for a value in all runs of a journal, and tells nothing of it', async () => {
    await using world = await open()
    const names: string[] = []
    for (const thread of ['home', 'work']) {
      await remembering(
        world,
        async (ctx) => {
          names.push(await ctx.memory.fingerprint(new Secret(VALUE)))
          names.push(await ctx.memory.fingerprint(new Secret('another')))
        },
        { thread },
      )
    }
    expect(names[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(names.slice(2)).toEqual(names.slice(0, 2))
    expect(names[0]).not.toBe(names[1])
    expect(world.journal.memory.fingerprint(VALUE)).toBe(names[0])
    expect(JSON.stringify(await world.records())).not.toContain('Tr0ub4dor')
  })

  test('another journal has other fingerprints', async () => {
    await using one = await open()
    await using other = await open()
    expect(one.journal.memory.fingerprint(VALUE)).not.toBe(other.journal.memory.fingerprint(VALUE))
  })
}
