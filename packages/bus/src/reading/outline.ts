import { COORDINATOR, type Message } from '../message.ts'
import type { FanOutRecord } from '../records.ts'
import type { CausalGraph, GraphEdge, GraphNode } from './graph.ts'

/** A message in the outline of a run, with what its handling asked and parted into. */
export interface OutlineStep {
  readonly node: GraphNode
  /**
   * What ends with it, so that nobody handles it: the run, a branch of a fan-out, or an ask, whose reply
   * it is. Absent where it is handled, or should be.
   */
  readonly ends?: 'run' | 'branch' | 'ask'
  /** Whether it is still to be handled, as far as its run got. */
  readonly isUnsettled: boolean
  /** What its handling asked, in the order in which it was asked. */
  readonly asks: readonly OutlineStep[]
  /** Present on an ask that is answered: a step that ends it. */
  readonly reply?: OutlineStep
  /** The branches that its handling fanned out into; empty where it did not. Their join is the next step. */
  readonly branches: readonly (readonly OutlineStep[])[]
}

/** A run in the order in which one thing led to another. */
export interface Outline {
  /** The main flow, from the root message. Empty where its record is missing. */
  readonly flow: readonly OutlineStep[]
  /** What followed from each message that was published into the run from outside. */
  readonly outside: readonly (readonly OutlineStep[])[]
}

/**
 * Reads a causal graph as an outline: chains of messages, each with its asks and branches below it. Every
 * message is in it once, and the same causes give the same outline, whatever the times.
 */
export function outlineOf(graph: CausalGraph): Outline {
  const { root } = graph
  if (root === undefined) return { flow: [], outside: [] }
  const outliner = new Outliner(graph)
  return {
    flow: outliner.flow(root),
    outside: outliner.nodes(root, 'published-into').map(({ message }) => outliner.flow(message.id)),
  }
}

/** Follows what led to what. */
class Outliner {
  readonly #graph: CausalGraph
  readonly #edges = new Map<string, GraphEdge[]>()
  /** Ids of messages that are in it already: damaged records may lead in a circle. */
  readonly #known = new Set<string>()

  constructor(graph: CausalGraph) {
    this.#graph = graph
    for (const edge of graph.edges) {
      const known = this.#edges.get(edge.from)
      if (known === undefined) this.#edges.set(edge.from, [edge])
      else known.push(edge)
    }
  }

  nodes(id: string, kind: GraphEdge['kind']): readonly GraphNode[] {
    return (this.#edges.get(id) ?? []).flatMap((edge) =>
      edge.kind === kind ? (this.#graph.nodes.get(edge.to) ?? []) : [],
    )
  }

  /** A message, and what followed from it; inside a branch of this fan-out. */
  flow(id: string, inside?: FanOutRecord): readonly OutlineStep[] {
    const steps: OutlineStep[] = []
    const waiting = [id]
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
      const node = this.#graph.nodes.get(at)
      if (node === undefined || this.#known.has(at)) continue
      const next = this.nodes(at, 'published-by').filter(({ asked }) => asked === undefined)
      const { fanOut } = node
      const branches = fanOut === undefined ? [] : next.filter(({ joined }) => !joined)
      steps.push({
        ...this.#step(node, inside),
        branches: branches.map(({ message }) => this.flow(message.id, fanOut)),
      })
      const on = next.filter((followed) => !branches.includes(followed))
      waiting.push(...on.map(({ message }) => message.id))
    }
    return steps
  }

  #step(node: GraphNode, inside: FanOutRecord | undefined): OutlineStep {
    const { message, attempts } = node
    this.#known.add(message.id)
    const ends = attempts.length > 0 ? undefined : endOf(message, inside)
    const isSettled = !['open', undefined].includes(attempts.at(-1)?.outcome)
    return {
      node,
      ...(ends === undefined ? {} : { ends }),
      isUnsettled: !isSettled && ends === undefined,
      asks: this.#asks(message.id),
      branches: [],
    }
  }

  #asks(id: string): readonly OutlineStep[] {
    return this.nodes(id, 'published-by')
      .filter(({ asked }) => asked !== undefined)
      .flatMap((ask) => {
        if (this.#known.has(ask.message.id)) return []
        const step = this.#step(ask, undefined)
        const answers = this.nodes(ask.message.id, 'published-by')
        const reply = answers.find(
          ({ asked, message }) => asked === undefined && !this.#known.has(message.id),
        )
        if (reply === undefined) return step
        const ended = { ...this.#step(reply, undefined), ends: 'ask', isUnsettled: false } as const
        return { ...step, reply: ended }
      })
  }
}

function endOf(
  { to, type }: Message,
  inside: FanOutRecord | undefined,
): 'run' | 'branch' | undefined {
  if (inside !== undefined && to === inside.to && inside.types.includes(type)) return 'branch'
  return to === COORDINATOR ? 'run' : undefined
}
