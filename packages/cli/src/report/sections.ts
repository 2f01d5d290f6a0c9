import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'

const WIDTH = 60

/** The lines that open the output. */
export function banner(userRequest: string, paint: Paint): readonly string[] {
  return [
    ...levelBanner(3, 'Multi-Agent Orchestration', userRequest, paint),
    ...ruled('-', 'ORCHESTRATION PIPELINE', paint),
  ]
}

/** Which of the three levels is at work, and on what. */
export function levelBanner(
  level: 1 | 2 | 3,
  title: string,
  userRequest: string,
  paint: Paint,
): readonly string[] {
  return [
    ...ruled('=', `NANOAGENT LEVEL ${level}: ${title}`, paint),
    '',
    `User Request: ${oneLine(userRequest)}`,
    '',
  ]
}

/** A section's title between two rules. */
export function ruled(rule: '=' | '-', title: string, paint: Paint): readonly string[] {
  const line = paint('dim', rule.repeat(WIDTH))
  return [line, paint('bold', title), line]
}
