import {
  type AttemptReading,
  type CausalGraph,
  type GraphNode,
  type OutlineStep,
  outlineOf,
} from '@nanoagent/bus'

/** Somebody handling a message: its role, or a listener its copy. */
export interface TraceEntry {
  readonly node: GraphNode
  readonly role: string
  readonly isCopy: boolean
  readonly attempts: readonly AttemptReading[]
  /** Nobody handles it: the run, a branch or an ask ends with it. */
  readonly isEnd: boolean
  /** Whether it is still to be handled, or was when its run ended. */
  readonly isUnsettled: boolean
}

/** The message of a step of the outline, in the hands of its role. */
export function entryOf({ node, ends, isUnsettled }: OutlineStep): TraceEntry {
  const { message, attempts } = node
  const isEnd = ends !== undefined
  return { node, role: message.to, isCopy: false, attempts, isEnd, isUnsettled }
}

/** The copies of a message, in the hands of its listeners. */
export function copiesOf(node: GraphNode): readonly TraceEntry[] {
  return node.copies.map(({ listener, attempts }) => ({
    node,
    role: listener,
    isCopy: true,
    attempts,
    isEnd: false,
    isUnsettled: false,
  }))
}

/** Every message in everybody's hands, in causal order. */
export function entriesOf(graph: CausalGraph): readonly TraceEntry[] {
  const inOrder = (steps: readonly OutlineStep[]): readonly TraceEntry[] =>
    steps.flatMap((step) => [
      entryOf(step),
      ...inOrder(step.asks),
      ...(step.reply === undefined ? [] : inOrder([step.reply])),
      ...copiesOf(step.node),
      ...step.branches.flatMap(inOrder),
    ])
  const { flow, outside } = outlineOf(graph)
  return [...inOrder(flow), ...outside.flatMap(inOrder)]
}
