import { createStep, createWorkflow } from '@mastra/core/workflows'
import { z } from 'zod'
import { runWorkflow } from '../run-workflow.mjs'
import { agents, BRANCHES, schemas } from './scenario.mjs'

export const title = 'Mastra .parallel'

/**
 * A workflow without storage, committed once, with a hundred steps side by side. Each of them gets all
 * parts, and takes its own; that it does not parse the others is in its favour.
 */
export function create() {
  const splitter = createStep({
    id: 'splitter',
    inputSchema: schemas.job,
    outputSchema: z.array(z.any()),
    execute: ({ inputData }) => agents.splitter(inputData),
  })
  const checkers = Array.from({ length: BRANCHES }, (_, at) =>
    createStep({
      id: `checker-${at}`,
      inputSchema: z.array(z.any()),
      outputSchema: schemas.result,
      execute: ({ inputData }) => agents.checker(schemas.part.parse(inputData[at])),
    }),
  )
  const reviewer = createStep({
    id: 'reviewer',
    inputSchema: z.object(Object.fromEntries(checkers.map(({ id }) => [id, schemas.result]))),
    outputSchema: schemas.report,
    async execute({ inputData }) {
      const results = checkers.map(({ id }) => inputData[id])
      return schemas.report.parse(await agents.reviewer(results))
    },
  })
  const workflow = createWorkflow({
    id: 'parts',
    inputSchema: schemas.job,
    outputSchema: schemas.report,
  })
    .then(splitter)
    .parallel(checkers)
    .then(reviewer)
    .commit()

  return { run: (task) => runWorkflow(workflow, task), async close() {} }
}
