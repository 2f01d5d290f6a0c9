import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError, InvalidPathError } from './errors.ts'
import {
  assertRunId,
  externalPath,
  formatNumber,
  handoffPath,
  hopsOf,
  isMessagePath,
  logPath,
  parseMessagePath,
  parseStepPath,
  stepPath,
  withoutRunId,
} from './paths.ts'

const RUN_ID = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)
const NUMBER = fc.oneof(
  fc.integer({ min: 1, max: 120 }),
  fc.integer({ min: 1, max: 999_999 }),
  fc.constantFrom(9, 10, 99, 100, 999, 1000, 9999, 10_000, 99_999, 100_000, 999_999),
)

/** Ids of messages, made the way that a bus makes them. */
const MESSAGE_ID = fc
  .record({
    runId: RUN_ID,
    external: fc.option(NUMBER, { nil: undefined }),
    hops: fc.nat({ max: 40 }),
  })
  .map(({ runId, external, hops }) => {
    let id = external === undefined ? runId : externalPath(runId, external)
    for (let hop = 0; hop < hops; hop++) id = handoffPath(id)
    return { id, runId, hops: hops + (external === undefined ? 0 : 1) }
  })

const GARBAGE = [
  '',
  '.',
  '.h',
  'run.',
  'run..h',
  'run.h.',
  'run.H',
  'run.hh',
  'run.x',
  'run.x0',
  'run.x01',
  'run.x10',
  'run.xa9',
  'run.xa010',
  'run.xb10',
  'run.xf1000000',
  'run.h.x1',
  'run.x1.x2',
  'run.b1',
  'run h',
  'run.h\n',
  'run\n.h',
  'rün.h',
  `${'r'.repeat(65)}.h`,
  'run/1.1',
  'secret:run',
] as const

describe('numbers in paths', () => {
  test.each([
    [1, '1'],
    [9, '9'],
    [10, 'a10'],
    [99, 'a99'],
    [100, 'b100'],
    [1000, 'c1000'],
    [999_999, 'e999999'],
  ])('%d is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })

  test('sort as text as they do as numbers', () => {
    fc.assert(
      fc.property(NUMBER, NUMBER, (a, b) => {
        const [textA, textB] = [formatNumber(a), formatNumber(b)]
        expect(Math.sign(a - b)).toBe(textA < textB ? -1 : textA > textB ? 1 : 0)
      }),
    )
  })

  test.each([0, -1, 1.5, 1_000_000, Number.NaN, Number.POSITIVE_INFINITY, 1e21])(
    '%d is none',
    (value) => {
      expect(() => formatNumber(value)).toThrow(InvalidOptionError)
    },
  )
})

describe('ids of messages', () => {
  test('are read back as they were made', () => {
    fc.assert(
      fc.property(MESSAGE_ID, ({ id, runId, hops }) => {
        expect(isMessagePath(id)).toBe(true)
        expect(parseMessagePath(id)).toMatchObject({ runId, hops })
        expect(hopsOf(id)).toBe(hops)
      }),
    )
  })

  test('a handoff hangs under the message that it came from', () => {
    fc.assert(
      fc.property(MESSAGE_ID, ({ id }) => {
        expect(parseMessagePath(handoffPath(id)).parent).toBe(id)
        expect(handoffPath(id) > id).toBe(true)
      }),
    )
  })

  test('a root and a message from outside have no parent', () => {
    expect(parseMessagePath('run')).toEqual({ runId: 'run', hops: 0 })
    expect(parseMessagePath('run.xa12')).toEqual({ runId: 'run', hops: 1 })
  })

  test('messages from outside sort in the order in which they came', () => {
    fc.assert(
      fc.property(RUN_ID, NUMBER, NUMBER, (runId, a, b) => {
        const [first, second] = [externalPath(runId, a), externalPath(runId, b)]
        expect(first < second).toBe(a < b)
      }),
    )
  })

  test.each(GARBAGE)('%j is none', (text) => {
    expect(isMessagePath(text)).toBe(false)
    expect(() => parseMessagePath(text)).toThrow(InvalidPathError)
  })

  test('nothing that is not made so is taken for one', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'rh.xab10/#'), maxLength: 12 }), (text) => {
        if (!isMessagePath(text)) return
        const { runId, hops, parent } = parseMessagePath(text)
        expect(runId).toMatch(/^[rhxab10]+$/)
        const rest = text.slice(runId.length)
        expect(rest).toMatch(/^(\.x([1-9]|a[1-9]\d|b[1-9]\d\d|c[1-9]\d{3}))?(\.h)*$/)
        expect(hops).toBe(rest.split('.').length - 1)
        if (parent !== undefined) expect(handoffPath(parent)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('ids of steps', () => {
  test('are read back as they were made', () => {
    fc.assert(
      fc.property(
        MESSAGE_ID,
        NUMBER,
        fc.array(NUMBER, { minLength: 1, maxLength: 4 }),
        ({ id: messageId }, attempt, numbers) => {
          const path = stepPath(messageId, attempt, numbers)
          expect(parseStepPath(path)).toEqual({ messageId, attempt, numbers })
          expect(isMessagePath(path)).toBe(false)
        },
      ),
    )
  })

  test.each([
    'run/1',
    'run/1.',
    'run/.1',
    'run/0.1',
    'run/1.0',
    'run/1.10',
    'run/1/2',
    'run.hh/1.1',
    '/1.1',
    'run/1.1#1',
    'run/1.l1',
    logPath('run', 1),
  ])('%s is none', (text) => {
    expect(() => parseStepPath(text)).toThrow(InvalidPathError)
  })
})

describe('ids of runs', () => {
  test.each(['run', 'A-b_9', 'r'.repeat(64)])('%s is one', (text) => {
    expect(() => assertRunId(text)).not.toThrow()
  })

  test.each(['', 'a b', 'a.b', 'a/b', 'a:b', 'ä', 'a\n', 'r'.repeat(65)])('%j is none', (text) => {
    expect(() => assertRunId(text)).toThrow(InvalidOptionError)
  })

  test('two runs with the same story read the same without their ids', () => {
    const story = (runId: string) => `secret:${runId}.h#1 and ${stepPath(runId, 1, [2])}`
    expect(withoutRunId(story('one'), 'one')).toBe(withoutRunId(story('another'), 'another'))
  })
})
