import { createStep, createWorkflow } from '@mastra/core/workflows'
import { runWorkflow } from '../run-workflow.mjs'
import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = 'Mastra workflow'

/**
 * A workflow of three steps without storage, committed once. It parses what goes into the workflow and
 * into each step, so the task twice, and not what comes out at the end.
 */
export function create() {
  const planner = createStep({
    id: 'planner',
    inputSchema: schemas.task,
    outputSchema: schemas.plan,
    execute: ({ inputData }) => agents.planner(inputData),
  })
  const implementer = createStep({
    id: 'implementer',
    inputSchema: schemas.plan,
    outputSchema: schemas.implementation,
    execute: ({ inputData }) => agents.implementer(inputData),
  })
  const tester = createStep({
    id: 'tester',
    inputSchema: schemas.implementation,
    outputSchema: schemas.report,
    execute: async ({ inputData }) => schemas.report.parse(await agents.tester(inputData)),
  })
  const workflow = createWorkflow({
    id: 'password',
    inputSchema: schemas.task,
    outputSchema: schemas.report,
  })
    .then(planner)
    .then(implementer)
    .then(tester)
    .commit()

  return { run: (task) => runWorkflow(workflow, task), async close() {} }
}
