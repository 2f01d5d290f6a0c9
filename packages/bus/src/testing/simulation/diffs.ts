import { diffRuns, type RunsDiff } from '../../reading/diff.ts'
import type { Difference } from '../../reading/differences.ts'
import { type CausalGraph, causalGraph } from '../../reading/graph.ts'
import type { JournalRecord } from '../../records.ts'
import { misreadDiff } from './altered-diff.ts'
import { Chance, fingerprint } from './chance.ts'
import type { World } from './world.ts'

/**
 * Compares a run with itself, with itself when a part is altered, and with another one, both ways, and checks
 * that these say the same.
 */
export function checkDiffs(
  { findings, sabotage, scenario }: World,
  one: readonly JournalRecord[],
  other: readonly JournalRecord[],
): void {
  const diff = sabotage.diff?.(diffRuns) ?? diffRuns
  const [a, b] = [causalGraph(one), causalGraph(other)]
  const itself = diff(a, a)
  if (!itself.isSame) {
    const [line] = diffLines({ ...itself, messages: itself.messages.filter(isOther) })
    findings.break('compared-both-ways', `${a.runId} differs from itself: ${line}`)
  }
  const problem = unmirrored(a, b, diff)
  if (problem !== undefined) findings.break('compared-both-ways', problem)
  const chance = new Chance(fingerprint(`${scenario.seed} ${a.runId} compared`))
  const misread = misreadDiff(one, chance, diff)
  if (misread !== undefined) findings.break('altered-diff-tells', `${a.runId}: ${misread}`)
}

/** What one comparison of two runs tells and the other does not; `undefined` where there is no such thing. */
export function unmirrored(
  a: CausalGraph,
  b: CausalGraph,
  diff: typeof diffRuns = diffRuns,
): string | undefined {
  const there = diffLines(diff(a, b))
  const back = diffLines(diff(b, a), true)
  const line = firstNotIn(back, there) ?? firstNotIn(there, back)
  return line === undefined ? undefined : `${a.runId} and ${b.runId} differ one way only: ${line}`
}

function firstNotIn(lines: readonly string[], others: readonly string[]): string | undefined {
  const known = new Set(lines)
  return others.find((line) => !known.has(line))
}

const isOther = ({ kind }: { readonly kind: Difference['kind'] }) => kind !== 'same'

const EXCHANGED = { same: 'same', changed: 'changed', added: 'removed', removed: 'added' } as const

/** Each thing that a comparison tells, of what it tells it, as if its runs were exchanged where that is asked for. */
function diffLines({ end, messages }: RunsDiff, isExchanged = false): readonly string[] {
  const lines: string[] = []
  const add = (of: string, kind: Difference['kind'], ...what: unknown[]) => {
    lines.push(`${of} ${isExchanged ? EXCHANGED[kind] : kind} ${JSON.stringify(what)}`)
  }
  const addFields = (of: string, fields: readonly Difference[]) => {
    for (const { path, kind, before, after } of fields) {
      const [from, to] = isExchanged ? [after, before] : [before, after]
      add(`${of} ${path}`, kind, from, to)
    }
  }
  addFields('run', end)
  for (const { path, kind, type, from, to, fields, attempts } of messages) {
    // Of what has changed, its fields tell how it is called in each run.
    add(path, kind, ...(kind === 'changed' ? [] : [type, from, to]))
    addFields(path, fields)
    for (const { attempt, kind, fields, steps } of attempts) {
      const of = `${path} attempt ${attempt}`
      add(of, kind)
      addFields(of, fields)
      for (const { step, kind, name, stepKind, fields } of steps) {
        add(`${of} step ${step}`, kind, ...(kind === 'changed' ? [] : [name, stepKind]))
        addFields(`${of} step ${step}`, fields)
      }
    }
  }
  return lines
}
