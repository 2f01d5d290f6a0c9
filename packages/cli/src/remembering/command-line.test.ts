import { describe, expect, it } from 'vitest'
import { parseArguments } from '../arguments.ts'
import { UsageError } from '../errors.ts'

const parse = (...argv: readonly string[]) =>
  parseArguments(argv, { version: '1.2.3', write: () => {} })

describe('the commands about what is remembered', () => {
  it.for([
    [['threads', '--json'], { name: 'threads', flags: { json: true } }],
    [['memory'], { name: 'list', flags: {} }],
    [['memory', 'list', '--thread', 'a', '--text', 'b'], { name: 'list', flags: { text: 'b' } }],
    [['memory', 'show', 'a key'], { name: 'show', memory: 'a key' }],
    [['memory', 'forget', 'a key', '--role', 'r'], { name: 'forget', memory: 'a key' }],
    [['memory', 'forget', '--thread', 'a', '--yes'], { name: 'forget', flags: { yes: true } }],
  ] as const)('mean what is typed: %j', ([argv, remembering]) => {
    expect(parse(...argv)).toMatchObject({ command: 'remember', remembering })
  })

  it.for([
    [['memory', 'eat'], 'memory lists, shows or forgets'],
    [['memory', 'show'], 'memory show needs a key or an id'],
    [['memory', 'forget'], 'memory forget needs a key or an id, or --thread'],
    [['memory', 'forget', '--role', 'planner'], 'memory forget needs a key or an id, or --thread'],
    [['memory', 'list', 'bank'], 'memory list takes options alone'],
    [['memory', 'show', 'a', 'b'], 'show takes one key: put it in quotes'],
    [['memory', 'show', 'a', '--all'], '--all is an option of nanoagent memory list'],
    [['memory', 'show', 'a', '--yes'], '--yes is an option of nanoagent memory forget'],
    [['memory', 'forget', 'a', '--text', 'b'], '--text is an option of nanoagent memory list'],
    [['threads', 'all'], 'threads takes options alone'],
    [['threads', '--thread', 'a'], "unknown option '--thread'"],
  ] as const)('refuse what cannot be meant: %j', ([argv, why]) => {
    expect(() => parse(...argv)).toThrow(UsageError)
    expect(() => parse(...argv)).toThrow(why)
  })
})
