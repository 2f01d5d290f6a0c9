/** The result of one run of a Mastra workflow. */
export async function runWorkflow(workflow, inputData) {
  const run = await workflow.createRun()
  const { status, error, result } = await run.start({ inputData })
  if (status !== 'success') throw new Error(`the workflow ended as ${status}`, { cause: error })
  return result
}
