import { createActor, fromCallback, setup, spawnChild } from 'xstate'
import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = 'XState actors'

/** Three actors that send to each other and live as long as the one that started them; the runs share them. */
export function create() {
  const waiting = new Map()
  let runs = 0

  const actorOf = (work, payload, next) =>
    fromCallback(({ system, receive }) => {
      receive(async ({ runId, data }) => {
        const result = schemas[payload].parse(await work(data))
        system.get(next).send({ type: payload, runId, data: result })
      })
    })

  const coordinator = createActor(
    setup({
      actors: {
        planner: actorOf(agents.planner, 'plan', 'implementer'),
        implementer: actorOf(agents.implementer, 'implementation', 'tester'),
        tester: actorOf(agents.tester, 'report', 'coordinator'),
      },
      actions: {
        finish({ event }) {
          waiting.get(event.runId)(event.data)
          waiting.delete(event.runId)
        },
      },
    }).createMachine({
      entry: ['planner', 'implementer', 'tester'].map((role) =>
        spawnChild(role, { systemId: role }),
      ),
      on: { report: { actions: 'finish' } },
    }),
    { systemId: 'coordinator' },
  ).start()
  const planner = coordinator.system.get('planner')

  return {
    run(task) {
      return new Promise((resolve) => {
        const runId = ++runs
        waiting.set(runId, resolve)
        planner.send({ type: 'task', runId, data: schemas.task.parse(task) })
      })
    },
    async close() {
      coordinator.stop()
    },
  }
}
