import { createBus, defineMessage } from '../../packages/bus/dist/index.js'
import { resultOf } from '../result-of.mjs'
import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = 'nanoagent bus'

/** The bus as users get it, nothing switched off: by default with its memory journal. */
export function create(options) {
  const bus = createBus(options)
  const TaskRequested = defineMessage('task.requested', schemas.task)
  const PlanReady = defineMessage('plan.ready', schemas.plan)
  const ImplementationReady = defineMessage('implementation.ready', schemas.implementation)
  const ReportReady = defineMessage('report.ready', schemas.report)

  bus.subscribe('planner', {
    accepts: [TaskRequested],
    async handle({ data }, context) {
      context.handoff('implementer', PlanReady, await agents.planner(data))
    },
  })
  bus.subscribe('implementer', {
    accepts: [PlanReady],
    async handle({ data }, context) {
      context.handoff('tester', ImplementationReady, await agents.implementer(data))
    },
  })
  bus.subscribe('tester', {
    accepts: [ImplementationReady],
    async handle({ data }, context) {
      context.handoff('coordinator', ReportReady, await agents.tester(data))
    },
  })

  return {
    bus,
    run: (task) => resultOf(bus.publish('planner', TaskRequested, task, { terminal: ReportReady })),
    close: () => bus.close(),
  }
}
