import { createBus, defineJoin, defineMessage, valuesOf } from '../../packages/bus/dist/index.js'
import { resultOf } from '../result-of.mjs'
import { agents, BRANCHES, schemas } from './scenario.mjs'

export const title = 'nanoagent bus'

/** A fan-out and its join, on the bus as users get it. One role works on all branches at once. */
export function create() {
  const bus = createBus()
  const JobGiven = defineMessage('job.given', schemas.job)
  const PartCut = defineMessage('part.cut', schemas.part)
  const PartChecked = defineMessage('part.checked', schemas.result)
  const PartsJoined = defineJoin('parts.joined', [PartChecked])
  const ReportWritten = defineMessage('report.written', schemas.report)

  bus.subscribe('splitter', {
    accepts: [JobGiven],
    async handle({ data }, context) {
      const parts = await agents.splitter(data)
      context.fanOut(
        parts.map((part) => ({ to: 'checker', type: PartCut, data: part })),
        { to: 'reviewer', type: PartsJoined },
      )
    },
  })
  bus.subscribe('checker', {
    accepts: [PartCut],
    perRunConcurrency: BRANCHES,
    roleConcurrency: BRANCHES,
    async handle({ data }, context) {
      context.handoff('reviewer', PartChecked, await agents.checker(data))
    },
  })
  bus.subscribe('reviewer', {
    accepts: [PartsJoined],
    async handle({ data }, context) {
      const report = await agents.reviewer(valuesOf(data, PartChecked))
      context.handoff('coordinator', ReportWritten, report)
    },
  })

  return {
    run: (task) => resultOf(bus.publish('splitter', JobGiven, task, { terminal: ReportWritten })),
    close: () => bus.close(),
  }
}
