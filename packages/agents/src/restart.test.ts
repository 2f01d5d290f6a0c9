import { createMemoryJournal, type JournalRecord, secret } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Answered, Asked, answerer, recordsOf, textOf, toldResults } from '../test/answerer.ts'
import { copying, startProcess } from '../test/process.ts'
import type { Agent } from './agent.ts'
import { createScriptedModel, type ScriptedReply } from './testing/index.ts'
import { defineTool } from './tool.ts'

const minted: string[] = []
const mint = defineTool({
  name: 'mint',
  description: 'Makes a key.',
  parameters: z.object({ length: z.number() }),
  result: z.object({ key: secret() }),
  execute({ length }) {
    const key = 'abcdefghijklmnop'.slice(0, length)
    minted.push(key)
    return { key }
  },
})
const measure = defineTool({
  name: 'measure',
  description: 'Measures a key.',
  parameters: z.object({ key: secret() }),
  result: z.object({ length: z.number() }),
  execute({ key }) {
    if (key.reveal().length < 10) throw new Error(`${key.reveal()} is too short`)
    return { length: key.reveal().length }
  },
})

const Told = z.object({ key: z.string() })
const Keys = z.object({ keys: z.array(secret()), best: z.string() })

const keyring: Agent = answerer(
  async (ctx) => {
    const { keys, best } = await ctx.generate({ prompt: 'Make keys.', output: Keys })
    const checks = ctx.results(measure).map(({ result }) => result.length)
    return [...keys.map(({ handle }) => handle.replace(/^secret:r/, '')), best, ...checks].join()
  },
  { tools: [mint, measure] },
)

const keysOf = (request: { messages: readonly { role: string; content: string }[] }) =>
  toldResults(request).flatMap((told) => Told.safeParse(told).data?.key ?? [])

const script: readonly ScriptedReply[] = [
  { toolCalls: [8, 12].map((length) => ({ name: 'mint', arguments: { length } })) },
  (request) => ({
    toolCalls: keysOf(request).map((key) => ({ name: 'measure', arguments: { key } })),
  }),
  { content: 'sure' },
  (request) => ({ output: { keys: keysOf(request), best: 'the second' } }),
]

/** What an uninterrupted run comes to, and how many steps it records. */
async function uninterrupted() {
  minted.length = 0
  const journal = createMemoryJournal()
  const model = createScriptedModel({ answerer: script })
  const { bus } = startProcess(journal, [keyring], model)
  await using _ = bus
  const end = await bus.publish('answerer', Asked, 'go', { terminal: Answered, runId: 'r' }).result
  const records = await recordsOf(journal)
  return { text: textOf(end), usage: end.usage, steps: records.filter(isStep), minted: [...minted] }
}

const isStep = ({ kind }: JournalRecord) => kind === 'step'

/** The same run, killed when it has recorded so many steps, and gone on with by another process. */
async function interruptedAfter(
  steps: number,
  journal = createMemoryJournal({ isAlive: () => false }),
) {
  minted.length = 0
  const model = createScriptedModel({ answerer: script })
  const killed = Promise.withResolvers<void>()
  let seen = 0
  const first = startProcess(journal, [keyring], model)
  const die = () => {
    first.kill()
    killed.resolve()
  }
  first.bus.observe((record) => {
    if (isStep(record) && ++seen === steps) die()
  })
  first.bus.publish('answerer', Asked, 'go', { terminal: Answered, runId: 'r' })
  await killed.promise
  const recorded = (await recordsOf(journal)).filter(isStep)

  // What was asked for and not recorded is asked for again.
  const served = recorded.filter((step) => step.kind === 'step' && step.stepKind === 'model').length
  const again = createScriptedModel({ answerer: script.slice(served) })
  minted.length = 0
  const second = startProcess(journal, [keyring], again)
  await using _ = second.bus
  const end = await (await second.bus.resume('r')).result
  again.assertDone()
  return { end, again, minted: [...minted], records: await recordsOf(journal), recorded }
}

describe('an attempt that starts again in another process', () => {
  it('comes to the result of the uninterrupted run, wherever it was killed', async () => {
    const whole = await uninterrupted()
    expect(whole.text).toBe('/1.2#1,/1.3#1,the second,12')

    for (let steps = 1; steps <= whole.steps.length; steps++) {
      const { end, records } = await interruptedAfter(steps)
      expect({ steps, status: end.status, reason: end.reason, text: textOf(end) }).toEqual({
        steps,
        status: 'completed',
        reason: undefined,
        text: whole.text,
      })
      expect(end.usage).toEqual(whole.usage)
      expect(records.filter(isStep)).toHaveLength(whole.steps.length)
    }
  })

  it('performs no tool call that is recorded', async () => {
    const { minted: again, recorded } = await interruptedAfter(3)

    expect(recorded).toMatchObject([{ stepKind: 'model' }, { name: 'mint' }, { name: 'mint' }])
    expect(again).toEqual([])
  })

  it('is told the recorded error of a tool, with handles for secrets', async () => {
    const { again, records } = await interruptedAfter(6)

    const [, , short, long] = toldResults(again.requests[0] ?? { messages: [] })
    expect(short).toEqual({ error: expect.stringMatching(/^secret:\S+ is too short$/) })
    expect(long).toEqual({ length: 12 })
    expect(JSON.stringify([records, again.requests])).not.toContain('abcdefgh')
  })

  it('needs nothing but equal secrets of a journal that gives copies', async () => {
    const copies = copying(createMemoryJournal({ isAlive: () => false }))
    const whole = await uninterrupted()

    const { end } = await interruptedAfter(6, copies)

    expect(textOf(end)).toBe(whole.text)
  })

  it('tells the recorded error of a tool as it was told, whatever has become secret since', async () => {
    const draw = defineTool({
      name: 'draw',
      description: 'Draws a key, at the second try.',
      parameters: z.object({ nth: z.number() }),
      result: z.object({ key: secret() }),
      execute({ nth }) {
        if (nth === 1) throw new Error('4711-4711 is taken')
        return { key: '4711-4711' }
      },
    })
    const agent = answerer((ctx) => ctx.generate({ prompt: 'Draw.' }), { tools: [draw] })
    const drawNth = (nth: number): ScriptedReply => ({
      toolCalls: [{ name: 'draw', arguments: { nth } }],
    })
    const journal = createMemoryJournal({ isAlive: () => false })
    const killed = Promise.withResolvers<void>()
    let seen = 0
    const model = createScriptedModel({ answerer: [drawNth(1), drawNth(2), { content: 'done' }] })
    const first = startProcess(journal, [agent], model)
    first.bus.observe((record) => {
      if (!isStep(record) || ++seen < 4) return
      first.kill()
      killed.resolve()
    })
    first.bus.publish('answerer', Asked, 'go', { terminal: Answered, runId: 'r' })
    await killed.promise

    const again = createScriptedModel({ answerer: [{ content: 'done' }] })
    const second = startProcess(journal, [agent], again)
    await using _ = second.bus

    expect(await (await second.bus.resume('r')).result).toMatchObject({ status: 'completed' })
  })
})
