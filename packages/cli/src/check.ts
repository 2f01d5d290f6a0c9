import { builtInTeams, mermaidOf, wiringOf } from '@nanoagent/agents'
import type { CheckFlags } from './arguments.ts'
import { EXIT } from './exit-status.ts'
import { wiringLines } from './report/wiring.ts'
import type { Output } from './screen/output.ts'
import { paintFor } from './screen/paint.ts'
import { printableJson } from './screen/printable.ts'

/** Shows how a team is wired, which the team has checked itself; gives the exit status. */
export function check(flags: CheckFlags, { print }: Output): number {
  const team = builtInTeams[flags.team]({ with: flags.with ?? [] })
  const wiring = wiringOf(team)
  const mermaid = mermaidOf(team)
  if (flags.json === true) print(printableJson({ ...wiring, mermaid }))
  else if (flags.mermaid === true) print(mermaid)
  else {
    for (const line of wiringLines(wiring, paintFor(process.stdout, flags))) print(line)
    print('')
    print(mermaid)
  }
  return EXIT.pass
}
