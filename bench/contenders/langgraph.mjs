import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
import { nanoid } from 'nanoid'
import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = 'LangGraph.js'

/** A graph of three nodes, compiled once; a checkpointer, where there is one, stores each step before the next. */
export function create({ checkpointer } = {}) {
  const State = Annotation.Root({
    task: Annotation(),
    plan: Annotation(),
    implementation: Annotation(),
    report: Annotation(),
  })
  // A node must not have the name of a channel.
  const graph = new StateGraph(State)
    .addNode('planner', async ({ task }) => ({
      plan: schemas.plan.parse(await agents.planner(schemas.task.parse(task))),
    }))
    .addNode('implementer', async ({ plan }) => ({
      implementation: schemas.implementation.parse(await agents.implementer(plan)),
    }))
    .addNode('tester', async ({ implementation }) => ({
      report: schemas.report.parse(await agents.tester(implementation)),
    }))
    .addEdge(START, 'planner')
    .addEdge('planner', 'implementer')
    .addEdge('implementer', 'tester')
    .addEdge('tester', END)
    .compile({ checkpointer })
  const config =
    checkpointer === undefined
      ? () => undefined
      : () => ({ configurable: { thread_id: nanoid() }, durability: 'sync' })

  return {
    async run(task) {
      const { report } = await graph.invoke({ task }, config())
      return report
    },
    async close() {},
  }
}
