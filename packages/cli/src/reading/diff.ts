import {
  type AttemptDiff,
  type Difference,
  diffRuns,
  findRun,
  type JournalReader,
  type MessageDiff,
  type RunsDiff,
  readRun,
  type StepDiff,
} from '@nanoagent/bus'
import { wrapped } from '../screen/cells.ts'
import { printAll } from '../screen/output.ts'
import { oneLine, printableJson } from '../screen/printable.ts'
import { type DiffOptions, diffLine, fieldLines } from './field-lines.ts'
import type { Screen } from './read.ts'
import { countText } from './words.ts'

/** Compares two runs and shows what differs; whether nothing does. */
export async function showDiff(
  journal: JournalReader,
  { before, after, flags }: { before: string; after: string; flags: { readonly json?: true } },
  { output, paint }: Screen,
): Promise<boolean> {
  const [first, second] = [await findRun(journal, before), await findRun(journal, after)]
  const { graph } = await readRun(journal, first)
  const diff = diffRuns(graph, (await readRun(journal, second)).graph)
  if (flags.json === true) output.print(printableJson(diff))
  else printAll(output, diffLines(diff, { paint, width: output.width }))
  return diff.isSame
}

/** A comparison for people, in the manner of a unified diff. */
export function diffLines(diff: RunsDiff, options: DiffOptions): readonly string[] {
  const { paint, width } = options
  const show = new DiffLines(options)
  const { before, after, end, messages } = diff
  return [
    paint('red', `--- run ${before}`),
    paint('green', `+++ run ${after}`),
    ...end.flatMap((field) => fieldLines(field, '', options)),
    ...messages.flatMap((message) => show.message(message)),
    '',
    ...wrapped(summaryOf(diff), width),
  ]
}

/** What differs between two runs, for people, without what is the same. */
export function changeLines({ end, messages }: RunsDiff, options: DiffOptions): readonly string[] {
  const show = new DiffLines(options)
  return [
    ...end.flatMap((field) => fieldLines(field, '', options)),
    ...messages.filter(({ kind }) => kind !== 'same').flatMap((message) => show.message(message)),
  ]
}

class DiffLines {
  readonly #options: DiffOptions

  constructor(options: DiffOptions) {
    this.#options = options
  }

  message({ path, type, from, to, kind, fields, attempts }: MessageDiff): readonly string[] {
    const place = path.slice(1) || '.'
    const what = `${place}  ${oneLine(from)} → ${oneLine(to)}  ${oneLine(type)}`
    return [
      diffLine(kind, '', what, this.#options),
      ...fields.flatMap((field) => fieldLines(field, '    ', this.#options)),
      ...attempts.flatMap((attempt) => this.#attempt(attempt)),
    ]
  }

  #attempt({ attempt, kind, fields, steps }: AttemptDiff): readonly string[] {
    return [
      diffLine(kind, '    ', `attempt ${attempt}`, this.#options),
      ...fields.flatMap((field) => fieldLines(field, '      ', this.#options)),
      ...steps.flatMap((step) => this.#step(step)),
    ]
  }

  #step({ step, stepKind, name, kind, fields }: StepDiff): readonly string[] {
    return [
      diffLine(kind, '      ', `step ${step}: ${stepKind} ${oneLine(name)}`, this.#options),
      ...fields.flatMap((field) => fieldLines(field, '        ', this.#options)),
    ]
  }
}

function summaryOf({ isSame, end, messages }: RunsDiff): string {
  const count = (kind: Difference['kind']) => messages.filter((one) => one.kind === kind).length
  if (isSame) return `The runs are the same, in ${countText(messages.length, 'message')}.`
  const counts: readonly (readonly [number, string])[] = [
    [count('same'), 'same'],
    [count('changed'), 'changed'],
    [count('removed'), 'only in the first'],
    [count('added'), 'only in the second'],
  ]
  const parts = [
    ...(end.some(({ path }) => path === 'team') ? ['another team'] : []),
    ...(end.some(({ path }) => path !== 'team') ? ['another end'] : []),
    ...counts.filter(([n]) => n > 0).map(([n, name]) => `${n} ${name}`),
  ]
  return `The runs differ: ${parts.join(', ')}.`
}
