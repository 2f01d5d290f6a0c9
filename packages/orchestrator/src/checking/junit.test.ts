import { fc, test } from '@fast-check/vitest'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { type CheckedRun, junitXml, type UpdatedRun } from '../index.ts'

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  trimValues: false,
  isArray: (name) => name === 'testsuite' || name === 'testcase',
})

/** What a parser makes of the XML of these runs. */
function parsed(runs: readonly CheckedRun[], updated: readonly UpdatedRun[] = []) {
  const xml = junitXml({ runs }, { name: 'a check', durationMs: 1_234.5, updated })
  expect(XMLValidator.validate(xml)).toBe(true)
  return parser.parse(xml).testsuites
}

const identical: CheckedRun = {
  file: 'a.jsonl',
  line: 2,
  runId: 'one',
  status: 'identical',
  durationMs: 12.3,
}

const diverged: CheckedRun = {
  ...identical,
  line: 9,
  runId: 'two',
  status: 'diverged',
  divergence: {
    deliveryId: 'two.h',
    type: 'plan.ready',
    role: 'implementer',
    attempt: 1,
    seq: 7,
    number: 2,
    what: 'step',
    how: 'changed',
    why: 'tool_arguments_changed',
    expected: { stepKind: 'tool', name: 'make', request: '<a>' },
    actual: { stepKind: 'tool', name: 'make', request: '"b" & c' },
    differences: [{ path: 'request', kind: 'changed', before: '<a>', after: '"b" & c' }],
  },
}

const broken: CheckedRun = {
  file: 'b "&" <c>.jsonl',
  status: 'unreadable',
  reason: 'the end is missing',
  durationMs: 0,
}

describe('JUnit XML', () => {
  it('has a suite for each file and a case for each run', () => {
    const { testsuite: suites, ...root } = parsed([identical, diverged, broken])

    expect(root).toMatchObject({
      name: 'a check',
      tests: '3',
      failures: '1',
      errors: '1',
      time: '1.234',
    })
    expect(suites).toMatchObject([
      { name: 'a.jsonl', tests: '2', failures: '1', errors: '0', time: '0.025' },
      { name: 'b "&" <c>.jsonl', tests: '1', failures: '0', errors: '1', time: '0.000' },
    ])
    const [passed, failed] = suites[0].testcase
    expect(passed).toEqual({
      name: 'run one',
      classname: 'a.jsonl',
      file: 'a.jsonl',
      line: '2',
      time: '0.012',
    })
    expect(failed.failure).toMatchObject({
      type: 'tool_arguments_changed',
      message:
        'a.jsonl:9, run two: implementer, handling .h plan.ready: step 2 asks for something else ' +
        '(the arguments of a tool have changed)',
    })
    expect(failed.failure['#text']).toMatch(
      /\n {2}request:\n {4}expected: "<a>"\n {4}actual: {3}"\\"b\\" & c"$/,
    )
    expect(suites[1].testcase).toMatchObject([
      { name: 'can be read', error: { type: 'unreadable' } },
    ])
  })

  it('has passed where a run was recorded anew, and says so', () => {
    const other: CheckedRun = { ...diverged, runId: 'three', line: 12 }
    const { file } = diverged
    const diff = { before: 'two', after: 'two', isSame: false, end: [], messages: [] }
    const { testsuite: suites, ...root } = parsed(
      [identical, diverged, other],
      [
        { file, line: 9, runId: 'two', diff },
        { file, line: 12, runId: 'three', reason: 'it is failed now: no <ink>' },
      ],
    )

    expect(root).toMatchObject({ tests: '3', failures: '1', errors: '0' })
    const [, passed, failed] = suites[0].testcase
    expect(passed.failure).toBeUndefined()
    expect(passed['system-out']).toContain('It was recorded anew. Before that:\na.jsonl:9, run two')
    expect(failed.failure).toBeDefined()
    expect(failed['system-out']).toBe('It stays as it was: it is failed now: no <ink>')
  })

  test.prop([fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })])(
    'is whole whatever stands in it',
    (file, reason) => {
      const [suite] = parsed([{ ...broken, file, reason }]).testsuite
      expect(suite.testcase).toHaveLength(1)
    },
  )
})
