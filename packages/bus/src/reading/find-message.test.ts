import { describe, expect, it } from 'vitest'
import { AmbiguousMessageError, UnknownMessageError } from '../errors.ts'
import { findMessage, type MessagesOfRun } from './find-message.ts'

function graphOf(...ids: readonly string[]): MessagesOfRun {
  return { runId: 'run', nodes: new Map(ids.map((id) => [id, {}])) }
}

const graph = graphOf('run', 'run.h', 'run.h.b1', 'run.h.b1.h', 'run.h.b2', 'run.h.b2.h', 'run.h.j')

describe('findMessage', () => {
  it.for([
    ['run', 'run'],
    ['.', 'run'],
    ['~', 'run'],
    ['run.h.b1', 'run.h.b1'],
    ['.h', 'run.h'],
    ['h', 'run.h'],
    ['~.h.j', 'run.h.j'],
    ['.j', 'run.h.j'],
    ['b2.h', 'run.h.b2.h'],
    ['run.h.b2@ear', 'run.h.b2'],
  ] as const)('takes %j for %s', ([ref, id]) => {
    expect(findMessage(graph, ref)).toBe(id)
  })

  it.for([
    { ref: '.z', says: "run run has no message '.z': read the run for the ids of its messages" },
    { ref: '', says: "run run has no message ''" },
    { ref: '.h.', says: "run run has no message '.h.'" },
    { ref: '.b1.', says: 'no message' },
  ])('says what is wrong with $ref', ({ ref, says }) => {
    expect(() => findMessage(graph, ref)).toThrow(UnknownMessageError)
    expect(() => findMessage(graph, ref)).toThrow(says)
  })

  it('names a few of several', () => {
    const many = graphOf('run', 'run.h.b1.h', 'run.h.b2.h', 'run.h.b3.h', 'run.h.b4.h')
    expect(() => findMessage(many, '.h')).toThrow(AmbiguousMessageError)
    expect(() => findMessage(many, '.h')).toThrow(
      "several messages end with '.h', .h.b1.h, .h.b2.h, .h.b3.h and others: write more of the id",
    )
  })
})
