import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError, InvalidPathError } from './errors.ts'
import {
  askPath,
  assertRunId,
  branchPath,
  copyPath,
  externalPath,
  formatNumber,
  handoffPath,
  hopsOf,
  isMessagePath,
  joinPath,
  logPath,
  messageOfDelivery,
  parseMessagePath,
  parseStepPath,
  replyPath,
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
    ways: fc.array(
      fc.oneof(
        fc.constantFrom(handoffPath, joinPath),
        NUMBER.map((n) => (parent: string) => branchPath(parent, n)),
      ),
      { maxLength: 40 },
    ),
    asks: fc.array(fc.tuple(NUMBER, NUMBER), { maxLength: 4 }),
    isReply: fc.boolean(),
  })
  .map(({ runId, external, ways, asks, isReply }) => {
    let id = external === undefined ? runId : externalPath(runId, external)
    for (const way of ways) id = way(id)
    for (const [attempt, step] of asks) id = askPath(id, attempt, step)
    const isReplied = isReply && asks.length > 0
    const hops = (external === undefined ? 0 : 1) + ways.length + asks.length + (isReplied ? 1 : 0)
    return { id: isReplied ? replyPath(id) : id, runId, hops, canHandOff: asks.length === 0 }
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
  'run.b',
  'run.b0',
  'run.b10',
  'run.j1',
  'run.r',
  'run.h.r',
  'run.a1',
  'run.a1-0',
  'run.a1-2.h',
  'run.a1-2.r.h',
  'run.h@ear',
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

  test('what a handler publishes hangs under the message that it handled', () => {
    fc.assert(
      fc.property(MESSAGE_ID, NUMBER, NUMBER, ({ id, canHandOff }, a, b) => {
        const asked = [askPath(id, a, b), replyPath(askPath(id, a, b))]
        const flow = [handoffPath(id), branchPath(id, a), joinPath(id)]
        for (const child of id.endsWith('.r') ? [] : canHandOff ? flow : asked.slice(0, 1)) {
          expect(parseMessagePath(child).parent).toBe(id)
          expect(child > id).toBe(true)
        }
      }),
    )
  })

  test('under one parent they sort in causal order', () => {
    fc.assert(
      fc.property(NUMBER, NUMBER, NUMBER, NUMBER, (a, b, c, d) => {
        const asks = [
          [a, b],
          [c, d],
        ].sort(([a1 = 0, s1 = 0], [a2 = 0, s2 = 0]) => a1 - a2 || s1 - s2)
        const paths = [
          ...asks.map(([attempt = 1, step = 1]) => askPath('run', attempt, step)),
          ...[a, b].sort((x, y) => x - y).map((n) => branchPath('run', n)),
          handoffPath('run'),
          joinPath('run'),
        ]
        expect([...paths].sort()).toEqual(paths)
      }),
    )
  })

  test('a copy has the name of its listener behind the id', () => {
    expect(messageOfDelivery(copyPath('run.h', 'ear'))).toBe('run.h')
    expect(messageOfDelivery('run.h')).toBe('run.h')
    expect(parseStepPath(stepPath(copyPath('run.h', 'ear'), 1, [2]))).toEqual({
      messageId: 'run.h',
      listener: 'ear',
      attempt: 1,
      numbers: [2],
    })
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
      fc.property(
        fc.string({ unit: fc.constantFrom(...'rh.xabj10-/#'), maxLength: 12 }),
        (text) => {
          if (!isMessagePath(text)) return
          const { runId, hops, parent } = parseMessagePath(text)
          expect(runId).toMatch(/^[rhxabj10-]+$/)
          const rest = text.slice(runId.length)
          const number = '([1-9]|a[1-9]\\d|b[1-9]\\d\\d|c[1-9]\\d{3})'
          expect(rest).toMatch(
            RegExp(`^(\\.x${number})?(\\.(h|j|b${number}))*(\\.a${number}-${number})*(\\.r)?$`),
          )
          expect(hops).toBe(rest.split('.').length - 1)
          if (parent !== undefined) expect(text.startsWith(`${parent}.`)).toBe(true)
        },
      ),
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
