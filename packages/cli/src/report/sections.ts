import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'

const WIDTH = 60

/** The lines that open the output. */
export function banner(userRequest: string, paint: Paint): readonly string[] {
  return [
    ...ruled('=', 'NANOAGENT LEVEL 3: Multi-Agent Orchestration', paint),
    '',
    `User Request: ${oneLine(userRequest)}`,
    '',
    ...ruled('-', 'ORCHESTRATION PIPELINE', paint),
  ]
}

/** A section's title between two rules. */
export function ruled(rule: '=' | '-', title: string, paint: Paint): readonly string[] {
  const line = paint('dim', rule.repeat(WIDTH))
  return [line, paint('bold', title), line]
}
