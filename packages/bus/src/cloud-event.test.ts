import { fc, test } from '@fast-check/vitest'
import { CloudEvent as Oracle } from 'cloudevents'
import { describe, expect, it } from 'vitest'
import { ZodError } from 'zod'
import { generatedRun, recordRun, SECRET_VALUE } from '../test/generated-run.ts'
import { fromCloudEvent, toCloudEvent } from './cloud-event.ts'
import { InvalidPathError } from './errors.ts'
import type { Message } from './message.ts'
import { Secret } from './secret.ts'

const message: Message = {
  id: 'run_1-a.h.h',
  runId: 'run_1-a',
  type: 'plan.ready',
  from: 'planner',
  to: 'implementer',
  causationId: 'run_1-a.h',
  sentAt: 1_700_000_000_123,
  content: 'Plan created. Handing off to Implementer.',
  data: { length: 16, why: 'ünïcode ✓' },
  metadata: { tenant: 'a' },
}

describe('toCloudEvent', () => {
  it('makes what the CloudEvents library accepts', () => {
    expect(new Oracle(toCloudEvent(message)).validate()).toBe(true)
    const { causationId: _, ...root } = { ...message, metadata: {} }
    expect(new Oracle(toCloudEvent(root)).validate()).toBe(true)
  })

  it('shows a secret as its handle', () => {
    const secret = new Secret('hunter2hunter2').name('secret:run_1-a#1')
    const text = JSON.stringify(toCloudEvent({ ...message, data: { secret } }))
    expect(text).toContain('secret:run_1-a#1')
    expect(text).not.toContain('hunter2')
  })
})

describe('fromCloudEvent', () => {
  test.prop([
    fc.record({
      hops: fc.nat(5),
      type: fc.constantFrom('plan.ready', 'a'),
      from: fc.constantFrom('planner', 'security-auditor'),
      to: fc.string({ minLength: 1 }),
      sentAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
      content: fc.string(),
      data: fc.jsonValue().filter((data) => !JSON.stringify(data).includes('__proto__')),
      // No message has such a key: `toData` refuses it.
      metadata: fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.string(),
      ),
    }),
  ])('gives back every message that became an event', ({ hops, ...rest }) => {
    const id = `run_1-a${'.h'.repeat(hops)}`
    const causation = hops === 0 ? {} : { causationId: id.slice(0, -2) }
    const original: Message = { id, runId: 'run_1-a', ...causation, ...rest }
    expect(fromCloudEvent(JSON.parse(JSON.stringify(toCloudEvent(original))))).toEqual({
      ...original,
      data: JSON.parse(JSON.stringify(original.data)),
      metadata: JSON.parse(JSON.stringify(original.metadata)),
    })
  })

  test.prop([generatedRun()])('gives back every message of a run', async (plan) => {
    for (const record of await recordRun(plan)) {
      if (record.kind !== 'message') continue
      const { message } = record
      const event = JSON.parse(JSON.stringify(toCloudEvent(message)))

      expect(new Oracle(event).validate()).toBe(true)
      expect(Object.keys(event).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([])
      expect(fromCloudEvent(event)).toEqual(JSON.parse(JSON.stringify(message)))
      expect(JSON.stringify(event)).not.toContain(SECRET_VALUE)
    }
  })

  it('gives back what is deeply frozen', () => {
    const { data, metadata } = fromCloudEvent(toCloudEvent(message))

    expect(Object.isFrozen(data)).toBe(true)
    expect(Object.isFrozen(metadata)).toBe(true)
  })

  it('refuses a source that names another run, or none', () => {
    const event = toCloudEvent(message)
    for (const source of ['/runs/run_2-b/roles/planner', '/runs/run_1-a', 'urn:x']) {
      expect(() => fromCloudEvent({ ...event, source })).toThrow(InvalidPathError)
    }
    const correlationid = 'run_2-b'
    expect(() => fromCloudEvent({ ...event, correlationid })).toThrow(InvalidPathError)
  })

  it('refuses what is no event of ours', () => {
    expect(() => fromCloudEvent({ ...toCloudEvent(message), specversion: '0.3' })).toThrow()
    expect(() => fromCloudEvent({ ...toCloudEvent(message), id: 'not a path' })).toThrow(
      "'not a path' is no causal path",
    )
    expect(() => fromCloudEvent({})).toThrow()
    const { data: _, ...empty } = toCloudEvent(message)
    expect(() => fromCloudEvent(empty)).toThrow(ZodError)
    for (const nanoagentmetadata of ['{', '[]', '{"a":1}']) {
      expect(() => fromCloudEvent({ ...toCloudEvent(message), nanoagentmetadata })).toThrow(
        ZodError,
      )
    }
  })
})
