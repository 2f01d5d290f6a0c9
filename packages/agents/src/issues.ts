import type { z } from 'zod'

/** What a schema found wrong, in one line: path and problem of each issue. */
export function describeIssues({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ')
}
