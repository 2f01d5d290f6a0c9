import { ServiceBroker } from 'moleculer'
import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = 'moleculer'

/** Three services of one broker, each of which calls the next; no transporter, no logger. */
export async function create() {
  const broker = new ServiceBroker({ logger: false })
  broker.createService({
    name: 'planner',
    actions: {
      async plan(context) {
        const plan = schemas.plan.parse(await agents.planner(context.params))
        return context.call('implementer.implement', plan)
      },
    },
  })
  broker.createService({
    name: 'implementer',
    actions: {
      async implement(context) {
        const implementation = schemas.implementation.parse(
          await agents.implementer(context.params),
        )
        return context.call('tester.test', implementation)
      },
    },
  })
  broker.createService({
    name: 'tester',
    actions: {
      async test(context) {
        return schemas.report.parse(await agents.tester(context.params))
      },
    },
  })
  await broker.start()

  return {
    run: (task) => broker.call('planner.plan', schemas.task.parse(task)),
    close: () => broker.stop(),
  }
}
