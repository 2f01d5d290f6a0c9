import { builtInTeams, mermaidOf, wiringOf } from '@nanoagent/agents'
import type { CheckFlags } from './arguments.ts'
import { EXIT } from './exit-status.ts'
import { wiringLines } from './report/wiring.ts'
import { type Output, printAll } from './screen/output.ts'
import { paintFor } from './screen/paint.ts'
import { printableJson } from './screen/printable.ts'

/** Shows how a team is wired, which the team has checked itself; gives the exit status. */
export function check(flags: CheckFlags, output: Output): number {
  const { print } = output
  const team = builtInTeams[flags.team]({ with: flags.with ?? [] })
  const wiring = wiringOf(team)
  const mermaid = mermaidOf(team)
  if (flags.json === true) print(printableJson({ ...wiring, mermaid }))
  else if (flags.mermaid === true) print(mermaid)
  else {
    printAll(output, [...wiringLines(wiring, paintFor(process.stdout, flags)), '', mermaid])
  }
  return EXIT.pass
}
