import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph'
import { agents, schemas } from './scenario.mjs'

export const title = 'LangGraph.js Send'

/** A graph without a checkpointer, compiled once: a conditional edge sends each part to a node of its own. */
export function create() {
  const State = Annotation.Root({
    job: Annotation(),
    parts: Annotation(),
    results: Annotation({ reducer: (all, more) => all.concat(more), default: () => [] }),
    report: Annotation(),
  })
  const graph = new StateGraph(State)
    .addNode('splitter', async ({ job }) => ({
      parts: await agents.splitter(schemas.job.parse(job)),
    }))
    .addNode('checker', async (part) => ({
      results: [schemas.result.parse(await agents.checker(schemas.part.parse(part)))],
    }))
    .addNode('reviewer', async ({ results }) => ({
      report: schemas.report.parse(await agents.reviewer(results)),
    }))
    .addEdge(START, 'splitter')
    .addConditionalEdges(
      'splitter',
      ({ parts }) => parts.map((part) => new Send('checker', part)),
      ['checker'],
    )
    .addEdge('checker', 'reviewer')
    .addEdge('reviewer', END)
    .compile()

  return {
    async run(task) {
      const { report } = await graph.invoke({ job: task })
      return report
    },
    async close() {},
  }
}
