import { countText } from '../reading/words.ts'
import type { Output } from '../screen/output.ts'

/** How long nothing is said, and between what is said, in milliseconds. */
const FIRST_MS = 1_000
const EVERY_MS = 200

/** Says at a terminal how far something is that takes long: what it returns is told what was done. */
export function transferProgress(
  doing: string,
  { hint, width }: Pick<Output, 'hint' | 'width'>,
): (done: { readonly runs: number; readonly records: number }) => void {
  let next = performance.now() + FIRST_MS
  return ({ runs, records }) => {
    if (width === undefined || performance.now() < next) return
    next = performance.now() + EVERY_MS
    hint(`${doing}: ${countText(runs, 'run')}, ${countText(records, 'record')}`.slice(0, width))
  }
}
