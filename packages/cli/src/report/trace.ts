import {
  type AttemptReading,
  type CausalGraph,
  type GraphEdge,
  type GraphNode,
  policyText,
  type Usage,
  usageOf,
} from '@nanoagent/bus'
import { cellsOf } from '../screen/cells.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import { tidied } from './plain-words.ts'
import { seconds } from './seconds.ts'

/** One line of a trace: who does what, how it went, and what it took. */
interface Line {
  /** Where it stands in the tree. */
  readonly indent: string
  readonly mark: string
  readonly what: string
  readonly took?: string
  readonly used?: string
  /** What is said below it. */
  readonly remarks?: readonly string[]
  /** Whether the run went wrong here first. */
  readonly isFirstFailure?: boolean
}

const MARKS = { done: '✓', failed: '✗', dead: '✗', cancelled: '⊘', open: '…' } as const

/**
 * The causal graph of a run, a line for each message in the order in which one led to the other:
 * whoever handled it, how long that took, what it used, what failed. The branches of a fan-out and what
 * was asked stand indented below the one whose doing they are.
 */
export function traceLines(graph: CausalGraph, paint: Paint): readonly string[] {
  const lines = new Tree(graph).lines()
  const width = Math.max(0, ...lines.map(({ indent, what }) => cellsOf(indent + what)))
  return [
    ...lines.flatMap((line) => shown(line, width, paint)),
    '',
    ...summary(graph).map((text) => `  ${text}`),
  ]
}

/** Follows what led to what. */
class Tree {
  readonly #graph: CausalGraph
  readonly #children = new Map<string, GraphEdge[]>()

  constructor(graph: CausalGraph) {
    this.#graph = graph
    for (const edge of graph.edges) {
      const known = this.#children.get(edge.from)
      if (known === undefined) this.#children.set(edge.from, [edge])
      else known.push(edge)
    }
  }

  lines(): readonly Line[] {
    const { root } = this.#graph
    if (root === undefined) return []
    return [
      ...this.#flow(root, ''),
      ...this.#nodes(root, 'published-into').flatMap((node) => [
        { indent: '', mark: '+', what: 'published into the run' },
        ...this.#flow(node.message.id, ''),
      ]),
    ]
  }

  /** A message, and what followed from it. */
  #flow(id: string, indent: string): readonly Line[] {
    const lines: Line[] = []
    let node = this.#graph.nodes.get(id)
    while (node !== undefined) {
      lines.push(
        this.#line(node, indent),
        ...this.#asks(node, indent),
        ...this.#copies(node, indent),
      )
      const next = this.#nodes(node.message.id, 'published-by').filter(({ asked }) => !asked)
      if (node.fanOut === undefined) node = next[0]
      else {
        const branches = next.filter(({ joined }) => joined === undefined)
        lines.push({ indent: `${indent}  `, mark: '⑂', what: fanOutLine(node, branches.length) })
        for (const [index, branch] of branches.entries()) {
          lines.push(...this.#inside(branch, indent, index === branches.length - 1))
        }
        node = next.find(({ joined }) => joined !== undefined)
      }
    }
    return lines
  }

  /** A branch, with lines that lead to it. */
  #inside({ message }: GraphNode, indent: string, isLast: boolean): readonly Line[] {
    return this.#flow(message.id, '').map((line, index) => {
      const lead = index === 0 ? (isLast ? '└ ' : '├ ') : isLast ? '  ' : '│ '
      return { ...line, indent: `${indent}  ${lead}${line.indent}` }
    })
  }

  #asks({ message }: GraphNode, indent: string): readonly Line[] {
    const asked = this.#nodes(message.id, 'published-by').filter(({ asked }) => asked)
    return asked.flatMap((node) => {
      const [reply] = this.#nodes(node.message.id, 'published-by').filter(({ asked }) => !asked)
      const line = this.#line(node, `${indent}  `)
      const answer = reply === undefined ? '' : ` → ${oneLine(reply.message.type)}`
      return [
        { ...line, what: `asks ${line.what}${answer}` },
        ...this.#asks(node, `${indent}  `),
        ...this.#copies(node, `${indent}  `),
      ]
    })
  }

  #copies({ message, copies }: GraphNode, indent: string): readonly Line[] {
    const hasEnded = this.#graph.status !== undefined
    return copies.map(({ listener, attempts }) => ({
      ...measured(attempts),
      // After the end of a run nothing is recorded.
      ...(hasEnded && attempts.length === 0 ? { mark: '·' } : {}),
      indent: `${indent}  `,
      what: `${oneLine(listener)} listens to ${oneLine(message.type)}`,
    }))
  }

  #line({ message, attempts, fanOut }: GraphNode, indent: string): Line {
    const { id, to, type } = message
    const what = `${oneLine(to)} ← ${oneLine(type)}`
    // Nobody handles the terminal message, a reply, and what a branch ends with.
    if (attempts.length === 0 && fanOut === undefined) {
      const isUnderWay = this.#graph.status === undefined && !this.#isAnEnd(id)
      return { indent, mark: isUnderWay ? MARKS.open : '■', what }
    }
    const isFirstFailure = this.#graph.firstFailure?.messageId === id
    return { ...measured(attempts), indent, what, ...(isFirstFailure ? { isFirstFailure } : {}) }
  }

  #isAnEnd(id: string): boolean {
    return this.#nodes(id, 'joined-into').length > 0
  }

  #nodes(id: string, kind: GraphEdge['kind']): readonly GraphNode[] {
    return (this.#children.get(id) ?? []).flatMap((edge) =>
      edge.kind === kind ? (this.#graph.nodes.get(edge.to) ?? []) : [],
    )
  }
}

function fanOutLine({ fanOut }: GraphNode, branches: number): string {
  if (fanOut === undefined) return ''
  const { to, join, policy } = fanOut
  return `${branches} ${branches === 1 ? 'branch' : 'branches'} to ${oneLine(to)} as ${oneLine(join)} (${policyText(policy)})`
}

/** What the attempts at a message took and used, and which of them failed. */
function measured(attempts: readonly AttemptReading[]): Omit<Line, 'indent' | 'what'> {
  const last = attempts.at(-1)
  const began = attempts.find(({ startedAt }) => startedAt !== undefined)?.startedAt
  const ended = last?.endedAt
  const remarks = attempts.flatMap((reading) => remark(reading, attempts.length))
  const used = usageText(usageOf(attempts.flatMap(({ steps }) => steps)))
  return {
    mark: MARKS[last?.outcome ?? 'open'],
    ...(began === undefined || ended === undefined ? {} : { took: seconds(ended - began) }),
    ...(used === '' ? {} : { used }),
    ...(remarks.length === 0 ? {} : { remarks }),
  }
}

function remark(
  { attempt, outcome, error, starts, steps }: AttemptReading,
  attempts: number,
): readonly string[] {
  const number = attempts === 1 ? '' : `attempt ${attempt} `
  const began = starts > 1 ? ` (started ${starts} times)` : ''
  const why = error === undefined ? '' : `: ${oneLine(tidied(error.message))}`
  if (outcome === 'failed') return [`${number || 'attempt '}failed${began}${why}`]
  if (outcome === 'dead') return [`${number}gave up${began}${why}`]
  if (outcome === 'cancelled') return [`cancelled${why}`]
  if (outcome === 'done' && (attempts > 1 || starts > 1)) return [`${number}done${began}`.trim()]
  return outcome === 'open' && steps.length > 0 ? ['not settled'] : []
}

function usageText({ modelCalls, toolCalls, inputTokens, outputTokens }: Usage): string {
  return [
    counted(modelCalls, 'request'),
    counted(toolCalls, 'tool call'),
    counted(inputTokens + outputTokens, 'token'),
  ]
    .filter((text) => text !== '')
    .join(', ')
}

function counted(count: number, name: string): string {
  if (count === 0) return ''
  return `${count.toLocaleString('en-US')} ${name}${count === 1 ? '' : 's'}`
}

function shown(line: Line, width: number, paint: Paint): readonly string[] {
  const { indent, mark, what, took = '', used = '', remarks = [], isFirstFailure } = line
  const pad = ' '.repeat(Math.max(0, width - cellsOf(indent + what)))
  const numbers = took === '' && used === '' ? '' : `${pad}  ${took.padStart(8)}  ${used}`
  const row =
    `  ${paint('dim', indent)}${markIn(paint, mark)} ${what}${paint('dim', numbers)}`.trimEnd()
  const below = `  ${indent.replace('├', '│').replace('└', ' ')}  `
  return [
    isFirstFailure ? `${row}  ${paint('red', '← first failure')}` : row,
    ...remarks.map((text) => `${paint('dim', below)}${paint('dim', text)}`),
  ]
}

function markIn(paint: Paint, mark: string): string {
  if (mark === MARKS.done || mark === '■') return paint('green', mark)
  return mark === MARKS.failed ? paint('red', mark) : paint('yellow', mark)
}

function summary({ runId, status, openedAt, endedAt, usage }: CausalGraph): readonly string[] {
  const took =
    openedAt === undefined || endedAt === undefined ? '' : ` in ${seconds(endedAt - openedAt)}`
  const used = usage === undefined ? '' : usageText(usage)
  const parts = [`run ${oneLine(runId)}: ${(status ?? 'open').replace('_', ' ')}${took}`, used]
  return [parts.filter((text) => text !== '').join(', ')]
}
