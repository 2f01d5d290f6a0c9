import { createStep, createWorkflow } from '@mastra/core/workflows'
import { z } from 'zod'
import { runWorkflow } from '../run-workflow.mjs'
import { agents, BRANCHES, schemas } from './scenario.mjs'

export const title = 'Mastra .foreach'

/** A workflow without storage, committed once, with a step for each item of what the step before gave. */
export function create() {
  const splitter = createStep({
    id: 'splitter',
    inputSchema: schemas.job,
    outputSchema: z.array(schemas.part),
    execute: ({ inputData }) => agents.splitter(inputData),
  })
  const checker = createStep({
    id: 'checker',
    inputSchema: schemas.part,
    outputSchema: schemas.result,
    execute: ({ inputData }) => agents.checker(inputData),
  })
  const reviewer = createStep({
    id: 'reviewer',
    inputSchema: z.array(schemas.result),
    outputSchema: schemas.report,
    execute: async ({ inputData }) => schemas.report.parse(await agents.reviewer(inputData)),
  })
  const workflow = createWorkflow({
    id: 'parts',
    inputSchema: schemas.job,
    outputSchema: schemas.report,
  })
    .then(splitter)
    .foreach(checker, { concurrency: BRANCHES })
    .then(reviewer)
    .commit()

  return { run: (task) => runWorkflow(workflow, task), async close() {} }
}
