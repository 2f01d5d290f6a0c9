import type { ReadFlags } from '../reading/command-line.ts'
import type { Output } from '../screen/output.ts'
import { printAll } from '../screen/output.ts'
import { printableJson } from '../screen/printable.ts'

/** Says what was done: as JSON where that was asked for, else in lines. */
export function reportOn(
  output: Pick<Output, 'print'>,
  { json }: Pick<ReadFlags, 'json'>,
  report: object,
  lines: readonly string[],
): void {
  if (json === true) output.print(printableJson(report))
  else printAll(output, lines)
}
