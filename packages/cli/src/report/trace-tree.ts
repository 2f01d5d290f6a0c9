import {
  type CausalGraph,
  type GraphNode,
  type OutlineStep,
  outlineOf,
  policyText,
} from '@nanoagent/bus'
import { MARKS } from '../reading/handling.ts'
import { countText } from '../reading/words.ts'
import { oneLine } from '../screen/printable.ts'
import { copiesOf, entryOf, type TraceEntry } from './trace-entries.ts'

/** One line of a trace: who does what, how it went, and what it took. */
export interface TreeLine {
  /** Where it stands in the tree. */
  readonly indent: string
  readonly mark: string
  readonly what: string
  /** Absent on lines that tell how messages belong together. */
  readonly entry?: TraceEntry
  /** The reply that is told of in the same line. */
  readonly reply?: TraceEntry
}

/** The lines of a run in the order in which one thing led to another. */
export function treeLines(graph: CausalGraph): readonly TreeLine[] {
  return new Tree(graph).lines()
}

class Tree {
  readonly #graph: CausalGraph

  constructor(graph: CausalGraph) {
    this.#graph = graph
  }

  lines(): readonly TreeLine[] {
    const { flow, outside } = outlineOf(this.#graph)
    return [
      ...this.#flow(flow, ''),
      ...outside.flatMap((steps) => [
        { indent: '', mark: '+', what: 'published into the run' },
        ...this.#flow(steps, ''),
      ]),
    ]
  }

  /** Messages one after the other, each with what belongs to it. */
  #flow(steps: readonly OutlineStep[], indent: string): readonly TreeLine[] {
    return steps.flatMap((step) => [
      this.#line(entryOf(step), indent),
      ...this.#asks(step.asks, `${indent}  `),
      ...this.#copies(step.node, `${indent}  `),
      ...this.#branches(step, `${indent}  `),
    ])
  }

  #branches({ node, branches }: OutlineStep, indent: string): readonly TreeLine[] {
    if (branches.length === 0) return []
    return [
      { indent, mark: '⑂', what: fanOutLine(node, branches.length) },
      ...branches.flatMap((branch, index) =>
        inside(this.#flow(branch, ''), indent, index === branches.length - 1),
      ),
    ]
  }

  #asks(asks: readonly OutlineStep[], indent: string): readonly TreeLine[] {
    return asks.flatMap((ask) => {
      const line = this.#line(entryOf(ask), indent)
      const { reply } = ask
      const answer = reply === undefined ? '' : ` → ${oneLine(reply.node.message.type)}`
      return [
        {
          ...line,
          what: `asks ${line.what}${answer}`,
          ...(reply === undefined ? {} : { reply: entryOf(reply) }),
        },
        ...this.#asks(ask.asks, `${indent}  `),
        ...this.#copies(ask.node, `${indent}  `),
        ...(reply === undefined ? [] : this.#copies(reply.node, `${indent}  `)),
      ]
    })
  }

  #copies(node: GraphNode, indent: string): readonly TreeLine[] {
    const hasEnded = this.#graph.status !== undefined
    return copiesOf(node).map((entry) => {
      const last = entry.attempts.at(-1)
      // After the end of a run nothing is recorded.
      const mark = last === undefined && hasEnded ? '·' : MARKS[last?.outcome ?? 'open']
      const what = `${oneLine(entry.role)} listens to ${oneLine(node.message.type)}`
      return { indent, mark, what, entry }
    })
  }

  #line(entry: TraceEntry, indent: string): TreeLine {
    const { node, role, attempts, isEnd } = entry
    const mark = MARKS[isEnd ? 'end' : (attempts.at(-1)?.outcome ?? 'waiting')]
    return { indent, mark, what: `${oneLine(role)} ← ${oneLine(node.message.type)}`, entry }
  }
}

/** A branch, with lines that lead to it. */
function inside(lines: readonly TreeLine[], indent: string, isLast: boolean): readonly TreeLine[] {
  return lines.map((line, index) => {
    const lead = index === 0 ? (isLast ? '└ ' : '├ ') : isLast ? '  ' : '│ '
    return { ...line, indent: `${indent}${lead}${line.indent}` }
  })
}

function fanOutLine({ fanOut }: GraphNode, branches: number): string {
  if (fanOut === undefined) return ''
  const { to, join, policy } = fanOut
  return `${countText(branches, 'branch', 'branches')} to ${oneLine(to)} as ${oneLine(join)} (${policyText(policy)})`
}
