import { strictEqual } from 'node:assert/strict'
import { batchFor, interleave, spread, timed } from '../rounds.mjs'
import { task } from '../scenario.mjs'
import { digits, ratio, table } from '../table.mjs'

export const name = 'publish'
export const summary = 'time of a validated publish to 1, 10 and 100 subscribers'
export const flags = ['--expose-gc']

const SUBSCRIBERS = [1, 10, 100]

/**
 * Each gives `many(count)`, which publishes so often, one after the other, and how many messages were
 * seen. What they need is imported only when they are made, since it may have to be installed first.
 */
const PUBLISHERS = {
  /** A message is a whole run here: its type is the terminal one, so it ends where it begins. */
  async 'nanoagent bus'(subscribers, schemas) {
    const { createBus, defineMessage } = await import('../../packages/bus/dist/index.js')
    const bus = createBus()
    const TaskRequested = defineMessage('task.requested', schemas.task)
    let seen = 0
    for (let i = 0; i < subscribers; i++) {
      bus.observe(({ kind }) => {
        if (kind === 'message') seen++
      })
    }
    return {
      seen: () => seen,
      async many(count) {
        for (let i = 0; i < count; i++) {
          await bus.publish('coordinator', TaskRequested, task, { terminal: TaskRequested }).result
        }
      },
    }
  },
  async eventemitter3(subscribers, schemas) {
    const { EventEmitter } = await import('eventemitter3')
    const emitter = new EventEmitter()
    return {
      seen: counter(emitter, subscribers),
      many(count) {
        for (let i = 0; i < count; i++) emitter.emit('task', schemas.task.parse(task))
      },
    }
  },
  async emittery(subscribers, schemas) {
    const { default: Emittery } = await import('emittery')
    const emitter = new Emittery()
    return {
      seen: counter(emitter, subscribers),
      async many(count) {
        for (let i = 0; i < count; i++) await emitter.emit('task', schemas.task.parse(task))
      },
    }
  },
}

/** Subscribes so often to an emitter; gives how many messages were seen. */
function counter(emitter, subscribers) {
  let seen = 0
  for (let i = 0; i < subscribers; i++) {
    emitter.on('task', () => {
      seen++
    })
  }
  return () => seen
}

/** Microseconds per publish of each publisher, for each number of subscribers. */
export async function measure({ quick }) {
  const times = quick ? { sampleMs: 15, warmUpMs: 200 } : { sampleMs: 40, warmUpMs: 1_000 }
  const { schemas } = await import('../schemas.mjs')
  const subjects = []
  for (const [title, create] of Object.entries(PUBLISHERS)) {
    for (const subscribers of SUBSCRIBERS) {
      const { many, seen } = await create(subscribers, schemas)
      await many(3)
      strictEqual(seen(), 3 * subscribers, `'${title}' lost messages`)
      // A hundred at a time, so that an emitter that is not asynchronous does not pay for a promise.
      const batch = 100 * (await batchFor(() => many(100), times))
      subjects.push({ title, subscribers, many, batch })
    }
  }
  const rounds = quick ? { warmUpRounds: 1, rounds: 8 } : { warmUpRounds: 4, rounds: 40 }
  const samples = await interleave(subjects, rounds, async ({ many, batch }) => {
    globalThis.gc({ type: 'minor' })
    return ((await timed(() => many(batch))) * 1_000) / batch
  })
  return Object.keys(PUBLISHERS).map((title) => ({
    title,
    publishes: subjects.flatMap((subject, at) =>
      subject.title === title
        ? [{ subscribers: subject.subscribers, us: spread(samples[at]) }]
        : [],
    ),
  }))
}

export function report(rows) {
  const [ours] = rows
  return table(
    `A validated publish, microseconds (median of ${ours.publishes[0].us.samples} rounds)`,
    ['', ...SUBSCRIBERS.flatMap((count) => [`to ${count}`, '÷ ours'])],
    rows.map(({ title, publishes }) => [
      title,
      ...publishes.flatMap(({ us }, at) => [
        digits(us.median),
        ratio(us.median, ours.publishes[at].us.median),
      ]),
    ]),
  ).concat(
    '\n  A publish of ours is a whole run in the journal; an observer gets all of its three records.',
  )
}
