import { policyText } from '../join-type.ts'
import { mermaidText } from '../mermaid-text.ts'
import { COORDINATOR, type Message, titleOf } from '../message.ts'
import type { AttemptReading, CausalGraph, GraphNode } from './graph.ts'
import { type OutlineStep, outlineOf } from './outline.ts'

/**
 * A run as a Mermaid sequence diagram, in causal order, the coordinator first. An arrow is a handoff, a
 * dotted one an ask or its reply, an open one a listener's copy; the branches of a fan-out stand in a `par`
 * block. Notes tell of joins, failed attempts, dead letters and what was not settled. It has no data and
 * no times, so that two runs that went the same ways have the same diagram.
 */
export function sequenceDiagram(graph: CausalGraph): string {
  return new Drawing(graph).text()
}

class Drawing {
  readonly #graph: CausalGraph
  readonly #participants = new Map<string, string>()
  readonly #listeners = new Set<string>()
  readonly #lines: string[] = []

  constructor(graph: CausalGraph) {
    this.#graph = graph
  }

  text(): string {
    this.#idOf(COORDINATOR)
    const { flow, outside } = outlineOf(this.#graph)
    this.#flow(flow, '')
    for (const steps of outside) this.#flow(steps, '')
    this.#end()
    const participants = [...this.#participants]
      .sort(([a], [b]) => Number(this.#listeners.has(a)) - Number(this.#listeners.has(b)))
      .map(([role, id]) => `participant ${id} as ${mermaidText(titleOf(role))}`)
    return ['sequenceDiagram', ...participants, ...this.#lines].join('\n  ')
  }

  #flow(steps: readonly OutlineStep[], indent: string): void {
    for (const step of steps) {
      this.#step(step, '->>', indent)
      const { node, branches } = step
      if (branches.length > 0) this.#fanOut(node, branches, indent)
    }
  }

  #step({ node, asks, reply, isUnsettled }: OutlineStep, arrow: string, indent: string): void {
    const { message, attempts } = node
    if (node.joined === undefined) this.#arrow(message, arrow, indent)
    else this.#note(message.to, `${message.type}: ${message.content}`, indent)
    this.#copies(node, indent)
    for (const ask of asks) this.#step(ask, '-->>', indent)
    for (const attempt of attempts) {
      const text = this.#remark(node, attempt)
      if (text !== undefined) this.#note(message.to, text, indent)
    }
    if (isUnsettled) this.#note(message.to, `${message.type} is not settled`, indent)
    if (reply !== undefined) this.#step(reply, '-->>', indent)
  }

  #arrow(
    { from, to, type }: Pick<Message, 'from' | 'to' | 'type'>,
    arrow: string,
    indent: string,
  ): void {
    this.#lines.push(`${indent}${this.#idOf(from)}${arrow}${this.#idOf(to)}: ${mermaidText(type)}`)
  }

  #copies({ message, copies }: GraphNode, indent: string): void {
    const { from, type } = message
    for (const { listener } of copies) {
      this.#listeners.add(listener)
      this.#arrow({ from, to: listener, type: `copy of ${type}` }, '-)', indent)
    }
  }

  #fanOut({ fanOut }: GraphNode, branches: OutlineStep['branches'], indent: string): void {
    const how = fanOut === undefined ? '' : ` to ${fanOut.join} (${policyText(fanOut.policy)})`
    for (const [index, branch] of branches.entries()) {
      const label = index === 0 ? `par ${mermaidText(`branch 1${how}`)}` : `and branch ${index + 1}`
      this.#lines.push(`${indent}${label}`)
      this.#flow(branch, `${indent}  `)
    }
    this.#lines.push(`${indent}end`)
  }

  #remark({ message }: GraphNode, reading: AttemptReading): string | undefined {
    const { attempt, outcome, reason, error } = reading
    const { firstFailure } = this.#graph
    const isFirst = firstFailure?.messageId === message.id && firstFailure.attempt === attempt
    const why = `${error === undefined ? '' : `: ${error.message}`}${isFirst ? ' (first failure)' : ''}`
    if (outcome === 'failed') return `attempt ${attempt} failed${why}`
    if (outcome === 'dead') return `dead letter, ${reason ?? 'terminal'}${why}`
    return outcome === 'cancelled' ? `cancelled${why}` : undefined
  }

  #end(): void {
    const { status, reason } = this.#graph
    if (status === 'completed') return
    const why = reason === undefined ? '' : `: ${reason}`
    this.#note(COORDINATOR, status === undefined ? 'the run is open' : `${status}${why}`, '')
  }

  #note(role: string, text: string, indent: string): void {
    this.#lines.push(`${indent}Note over ${this.#idOf(role)}: ${mermaidText(text)}`)
  }

  #idOf(role: string): string {
    const known = this.#participants.get(role)
    if (known !== undefined) return known
    const id = `p${this.#participants.size}`
    this.#participants.set(role, id)
    return id
  }
}
