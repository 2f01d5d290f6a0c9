import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createBus } from '../bus.ts'
import { BusError, ImportError, ImportStoppedError, NewerVersionError } from '../errors.ts'
import type { Journal } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { defineMessage } from '../message-type.ts'
import { secret } from '../secret.ts'
import { wrapJournal } from '../testing/wrap-journal.ts'
import { exportRuns } from './export-runs.ts'
import { type ImportOptions, type ImportTarget, importRuns } from './import-runs.ts'

const Asked = defineMessage('asked', z.object({ text: z.string(), pin: secret() }))
const Answered = defineMessage('answered', z.string())

/** Two runs, as lines. */
async function exported(passphrase?: string): Promise<string[]> {
  const journal = createMemoryJournal()
  await using bus = createBus({ journal })
  bus.subscribe('echo', {
    accepts: [Asked],
    async handle({ data }, ctx) {
      const text = await ctx.step({ kind: 'tool', name: 'say', request: data, perform: () => 'hi' })
      ctx.memory.set('last', { text })
      ctx.log('said {text}', { text })
      ctx.handoff('coordinator', Answered, text)
    },
  })
  const runIds = ['first', 'second']
  for (const runId of runIds) {
    const data = { text: 'hello', pin: 'sesame-4711' }
    await bus.publish('echo', Asked, data, { terminal: Answered, runId }).result
  }
  const lines: string[] = []
  const options = passphrase === undefined ? {} : { passphrase }
  await exportRuns(journal, runIds, (line) => lines.push(line), options)
  return lines
}

const plain = await exported()
const sealed = await exported('open sesame')

async function imported(
  lines: readonly string[],
  options: ImportOptions = {},
  target: ImportTarget & Pick<Journal, 'lastSeq'> = createMemoryJournal(),
): Promise<{ readonly error: unknown; readonly stored: number }> {
  async function* open() {
    yield Buffer.from(lines.join(''))
  }
  try {
    await importRuns(target, open, options)
    return { error: undefined, stored: await target.lastSeq() }
  } catch (error) {
    return { error, stored: await target.lastSeq() }
  }
}

/** The lines with the n-th, from 1, as something else. */
function changed(n: number, change: (record: Record<string, unknown>) => unknown): string[] {
  return plain.map((line, index) =>
    index === n - 1 ? `${JSON.stringify(change(JSON.parse(line)))}\n` : line,
  )
}

function inMessage(record: Record<string, unknown>, change: object): object {
  return { ...record, message: { ...Object(record.message), ...change } }
}

function without(n: number): string[] {
  return plain.toSpliced(n - 1, 1)
}

describe('an import is refused whole', () => {
  it('with what it is a test of', async () => {
    expect(await imported(plain)).toEqual({ error: undefined, stored: plain.length - 2 })
    const kinds = plain.slice(1, -1).map((line) => JSON.parse(line).kind)
    expect(kinds.slice(0, kinds.length / 2)).toEqual([
      ...['run.opened', 'message', 'step', 'log'],
      ...['memory', 'settle', 'message', 'run.ended'],
    ])
  })

  it.for<[string, readonly string[], RegExp]>([
    ['nothing', [], /^it is empty/],
    ['another file', ['{"name":"nanoagent"}\n'], /^line 1: no export of nanoagent begins so/],
    ['no JSON', plain.with(4, '{"kind":"st\n'), /^line 5: no JSON/],
    ['an empty line', plain.with(4, '\n'), /^line 5: no JSON/],
    ['a kind that nobody knows', changed(5, (r) => ({ ...r, kind: 'wish' })), /^line 5: kind: /],
    ['an entry that nobody knows', changed(5, (r) => ({ ...r, more: 1 })), /^line 5: .*more/],
    ['an entry too few', changed(3, ({ at: _, ...r }) => r), /^line 3: at: /],
    ['a number', changed(4, (r) => ({ ...r, seq: 7 })), /^line 4: .*seq/],
    [
      'a message of another run',
      changed(4, (r) => ({ ...r, messageId: 'other' })),
      /^line 4: other is no delivery/,
    ],
    [
      'a record of another run',
      changed(4, (r) => ({ ...r, runId: 'other' })),
      /^line 4: run other begins with a step/,
    ],
    [
      'an id that is none',
      changed(7, (r) => ({ ...r, published: ['first h'] })),
      /^line 7: 'first h' is no id/,
    ],
    [
      'an id that its cause does not have',
      changed(8, (r) => inMessage(r, { id: 'first.h.h' })),
      /^line 8: message first\.h\.h cannot come from first, but from first\.h/,
    ],
    [
      'a cause that comes later',
      changed(8, (r) => inMessage(r, { id: 'first.h.h', causationId: 'first.h' })),
      /^line 8: message first\.h\.h comes before first\.h, which has led to it/,
    ],
    [
      'a message that has led to itself',
      changed(3, (r) => inMessage(r, { causationId: 'first' })),
      /^line 3: message first cannot come from first, but from nothing/,
    ],
    [
      'an ask under another name',
      changed(8, (r) => inMessage({ ...r, asked: { attempt: 2, step: 1 } }, { id: 'first.a1-1' })),
      /^line 8: message first\.a1-1 is not what first\.a2-1 would be called/,
    ],
    ['a time that no date has', changed(4, (r) => ({ ...r, at: 1e18 })), /^line 4: at: /],
    [
      'scrypt parameters that nobody can use',
      sealed.with(0, (sealed[0] ?? '').replace(/"cost":\d+/, '"cost":3')),
      /^line 1: secrets\.cost: expected a power of two/,
    ],
    [
      'a settlement that has published its cause',
      changed(7, (r) => ({ ...r, published: ['first'] })),
      /^line 7: first cannot have published first/,
    ],
    [
      'a settlement that has published what is not there',
      changed(7, (r) => ({ ...r, published: ['first.b1'] })),
      /^line 7: first cannot have published first\.b1/,
    ],
    [
      'a failed attempt that has published something',
      changed(7, (r) => ({ ...r, outcome: 'failed' })),
      /^line 7: first cannot have published first\.h/,
    ],
    [
      'a message that nobody has published',
      changed(7, (r) => ({ ...r, published: [] })),
      /^line 8: message first\.h was published by nobody/,
    ],
    [
      'a message that is missing',
      without(8),
      /^line 9: message first\.h is missing, which 'echo' has published/,
    ],
    [
      'a message from somebody else',
      changed(8, (r) => inMessage(r, { from: 'mallory' })),
      /^line 8: message first\.h is from 'echo', not from 'mallory'/,
    ],
    [
      'a settlement by somebody else',
      changed(7, (r) => ({ ...r, role: 'mallory' })),
      /^line 7: first is handled by 'echo', not by 'mallory'/,
    ],
    [
      'a handoff that joins something',
      changed(8, (r) => ({ ...r, joined: ['first'] })),
      /^line 8: message first\.h is no join, but joins messages/,
    ],
    [
      "a once step with another one's key",
      changed(4, (r) => ({ ...r, idempotencyKey: '0'.repeat(64) })),
      /^line 4: step 1 of first has the key of another: 0000/,
    ],
    [
      'a fork of itself',
      changed(2, (r) => ({ ...r, forkedFrom: { runId: 'first', messageId: 'first' } })),
      /^line 2: run first is a fork of itself/,
    ],
    [
      'a memory of nobody',
      changed(6, (r) => ({ ...r, id: 'second/m1' })),
      /^line 6: memory 'second\/m1' is none of first/,
    ],
    ['no opening', without(2), /^line 2: run first begins with a message/],
    ['no root', without(3), /^line 3: run first has no first message/],
    ['a settlement twice', plain.toSpliced(7, 0, plain[6] ?? ''), /^line 8: .*settled already/],
    ['a message twice', plain.toSpliced(8, 0, plain[7] ?? ''), /^line 9: .*stored already/],
    ['something after its end', plain.toSpliced(9, 0, plain[4] ?? ''), /^line 10: .*has ended/],
    [
      'a run twice',
      plain.toSpliced(17, 0, ...plain.slice(1, 9)),
      /^line 18: run first is there twice/,
    ],
    ['no end', plain.slice(0, -1), /^the end is missing/],
    ['an end too early', plain.toSpliced(9, 8), /^line 10: the end counts 16 records of 2 runs/],
    ['something after the end', [...plain, plain[1] ?? ''], /^line 19: something follows/],
  ])('for %s', async ([, lines, says]) => {
    const { error, stored } = await imported(lines)

    expect(error).toBeInstanceOf(ImportError)
    expect(error).toMatchObject({ message: expect.stringMatching(says) })
    expect(error).toMatchObject({ message: expect.stringMatching(/; nothing was imported$/) })
    expect(stored).toBe(0)
  })

  it.for([
    ['__proto__', '{"__proto__":{"polluted":true}}', /^line 3: .*__proto__/],
    ['a secret that is none', '{"$secret":7}', /^line 3: .*no handle/],
    ['more in a secret', '{"$secret":"secret:first#1","more":1}', /^line 3: .*alone/],
    [
      'a value that must not be there',
      '{"$secret":"secret:first#1","sealed":"AA=="}',
      /^line 3: .*sealed/,
    ],
    ['endless nesting', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, /^line 3: .*deeper/],
  ] as const)('for %s in its data', async ([, data, says]) => {
    const line = plain[2]?.replace(/"data":\{.*\},"metadata"/, () => `"data":${data},"metadata"`)
    const { error, stored } = await imported(plain.with(2, line ?? ''))

    expect(error).toMatchObject({ code: 'import_refused', message: expect.stringMatching(says) })
    expect(stored).toBe(0)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('for what is no UTF-8', async () => {
    const target = createMemoryJournal()
    async function* open() {
      yield Buffer.concat([Buffer.from(plain[0] ?? ''), Buffer.from([0x7b, 0xff, 0x7d])])
    }

    await expect(importRuns(target, open)).rejects.toThrow(/^line 2: no UTF-8 text/)
    expect(await target.lastSeq()).toBe(0)
  })

  it('but not for blank lines at its end', async () => {
    const { error, stored } = await imported([...plain, '\n', ' \r\n', '\n'])

    expect({ error, stored }).toEqual({ error: undefined, stored: plain.length - 2 })
  })

  it('for a newer version of the format, or of the records', async () => {
    const format = await imported(changed(1, (header) => ({ ...header, version: 3 })))
    const records = await imported(changed(10, (opened) => ({ ...opened, version: 3 })))

    expect(format.error).toMatchObject({
      line: 1,
      message: expect.stringContaining('update nanoagent'),
    })
    expect(records.error).toBeInstanceOf(NewerVersionError)
    expect([format.stored, records.stored]).toEqual([0, 0])
  })

  it('for a wrong passphrase, none, and a value that was changed', async () => {
    const wrong = await imported(sealed, { passphrase: 'open barley' })
    const none = await imported(sealed)
    const line = sealed[2]?.replace(/(?<="sealed":")./, (was) => (was === '/' ? 'A' : '/'))
    const tampered = await imported(sealed.with(2, line ?? ''), { passphrase: 'open sesame' })

    expect(wrong.error).toMatchObject({ line: 1, message: expect.stringContaining('not the one') })
    expect(none.error).toMatchObject({
      line: 1,
      message: expect.stringContaining('give the passphrase'),
    })
    expect(tampered.error).toMatchObject({
      line: 3,
      message: expect.stringContaining('was changed'),
    })
    expect([wrong.stored, none.stored, tampered.stored]).toEqual([0, 0, 0])
  })

  it('for a run that is there already, unless what is known is skipped', async () => {
    const target = createMemoryJournal()
    const first = [plain[0] ?? '', ...plain.slice(1, 9), '{"end":{"runs":1,"records":8}}\n']
    await imported(first, {}, target)

    const again = await imported(plain, {}, target)
    const skipping = await imported(plain, { skipsKnown: true }, target)

    expect(again.error).toMatchObject({ line: 2, message: expect.stringContaining('run first') })
    expect(again.stored).toBe(8)
    expect(skipping).toEqual({ error: undefined, stored: 16 })
  })

  test.prop([fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 })], { numRuns: 200 })(
    'or taken whole, whatever bytes are changed',
    async (place, bytes) => {
      const target = createMemoryJournal()
      const text = Buffer.from(plain.join(''))
      text.set(bytes, place % (text.length - bytes.length))
      async function* open() {
        yield text
      }

      const error = await importRuns(target, open).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )

      if (error === undefined) expect(await target.lastSeq()).toBe(16)
      else {
        expect(error).toBeInstanceOf(BusError)
        expect(await target.lastSeq()).toBe(0)
      }
    },
  )
})

it('says how far an import came where the journal fails', async () => {
  const journal = createMemoryJournal()
  let appends = 0
  const full = wrapJournal(journal, {
    append: (batch, lease) =>
      ++appends > 1 ? Promise.reject(new Error('the disk is full')) : journal.append(batch, lease),
  })

  const { error, stored } = await imported(plain, {}, full)

  expect(error).toBeInstanceOf(ImportStoppedError)
  expect(error).toMatchObject({ stored: 1, message: expect.stringContaining('the disk is full') })
  expect(stored).toBe(8)
})
