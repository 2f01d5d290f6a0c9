import { EventEmitter } from 'eventemitter3'
import { nanoid } from 'nanoid'
import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = 'bare eventemitter3'

/**
 * The least that can be called a bus: an emitter, an envelope with an id, a parse for each message.
 * No journal, no retry, no timeout, no order; an agent that throws is an unhandled rejection.
 */
export function create() {
  const emitter = new EventEmitter()
  const waiting = new Map()

  const publish = (from, to, type, data, runId, hop) => {
    const message = {
      id: `${runId}.${hop}`,
      runId,
      type,
      from,
      to,
      sentAt: Date.now(),
      data: schemas[type].parse(data),
    }
    emitter.emit(to, message, hop)
  }

  emitter.on('planner', async ({ runId, data }, hop) => {
    publish('planner', 'implementer', 'plan', await agents.planner(data), runId, hop + 1)
  })
  emitter.on('implementer', async ({ runId, data }, hop) => {
    const implementation = await agents.implementer(data)
    publish('implementer', 'tester', 'implementation', implementation, runId, hop + 1)
  })
  emitter.on('tester', async ({ runId, data }, hop) => {
    publish('tester', 'coordinator', 'report', await agents.tester(data), runId, hop + 1)
  })
  emitter.on('coordinator', ({ runId, data }) => {
    const resolve = waiting.get(runId)
    waiting.delete(runId)
    resolve(data)
  })

  return {
    run(task) {
      return new Promise((resolve) => {
        const runId = nanoid()
        waiting.set(runId, resolve)
        publish('coordinator', 'planner', 'task', task, runId, 0)
      })
    },
    async close() {
      emitter.removeAllListeners()
    },
  }
}
