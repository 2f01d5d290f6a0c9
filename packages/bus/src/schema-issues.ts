import type { z } from 'zod'
import type { Issue } from './errors.ts'

/**
 * What a schema has found wrong, each with its place in the data. Of a union that nothing fits it is what is
 * wrong for the alternative that was most likely meant: the one whose fixed values are there, else the one
 * that least is wrong for.
 */
export function schemaIssues(issues: readonly z.core.$ZodIssue[]): readonly Issue[] {
  return issues
    .flatMap((issue) => unfolded(issue, []))
    .map(({ path, message }) => ({ path: path.join('.'), message }))
}

interface Found {
  readonly path: readonly PropertyKey[]
  readonly message: string
  /** Whether another value than the only one that is allowed stands there, as where another alternative is meant. */
  readonly isOther: boolean
}

function unfolded(issue: z.core.$ZodIssue, around: readonly PropertyKey[]): readonly Found[] {
  const path = [...around, ...issue.path]
  if (issue.code !== 'invalid_union') {
    const isOther = issue.code === 'invalid_value' && issue.values.length === 1
    return [{ path, message: issue.message, isOther }]
  }
  const alternatives = issue.errors.map((issues: readonly z.core.$ZodIssue[]) =>
    issues.flatMap((inner) => unfolded(inner, path)),
  )
  const [best] = alternatives.toSorted((a, b) => othersIn(a) - othersIn(b) || a.length - b.length)
  if (best === undefined) return [{ path, message: issue.message, isOther: false }]
  // Nothing inside fits, since it is something else as a whole: each alternative says what.
  const isWhole = alternatives.every(([only, ...further]) => {
    return only !== undefined && further.length === 0 && only.path.length === path.length
  })
  if (!isWhole) return best
  const messages = new Set(alternatives.flatMap((found) => found.map(({ message }) => message)))
  return [{ path, message: [...messages].join(', or '), isOther: false }]
}

function othersIn(found: readonly Found[]): number {
  return found.filter(({ isOther }) => isOther).length
}
