import { type Usage, usageOf } from '@nanoagent/bus'
import type { AttachedDelivery } from '@nanoagent/orchestrator'
import { addUsage } from '../reading/add-usage.ts'
import { pathOf } from '../reading/message-path.ts'
import { countText, usageText } from '../reading/words.ts'
import { logLine } from '../report/log-line.ts'
import { wrapped } from '../screen/cells.ts'
import { dataLines } from '../screen/data-lines.ts'
import { type Output, printAll, printEach } from '../screen/output.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine, printableJsonLine } from '../screen/printable.ts'

/** How it is shown what an attached agent would have done. */
export interface AttachedReportOptions {
  readonly flags: { readonly json?: true }
  readonly output: Output
  readonly paint: Paint
}

/** What came of all messages. */
export interface AttachedTotal {
  readonly runs: number
  readonly messages: number
  readonly failed: number
  readonly used: Usage
}

/**
 * Shows what an agent would have done with each message, as it comes, and at the end what that took; with
 * `--json` a line of JSON for each, and one for all. Gives the total.
 */
export async function showAttached(
  attached: AsyncIterable<AttachedDelivery>,
  { flags, output, paint }: AttachedReportOptions,
): Promise<AttachedTotal> {
  let total: AttachedTotal = { runs: 0, messages: 0, failed: 0, used: usageOf([]) }
  let runId: string | undefined
  async function* lines(): AsyncIterable<string> {
    for await (const delivery of attached) {
      const isNewRun = delivery.runId !== runId
      runId = delivery.runId
      total = withDelivery(total, delivery, isNewRun)
      if (flags.json === true) yield printableJsonLine(jsonOf(delivery))
      else yield* deliveryLines(delivery, paint)
    }
  }
  await printEach(output, lines())
  if (total.messages === 0 || output.closed.aborted) return total
  if (flags.json === true) output.print(printableJsonLine({ total }))
  else printAll(output, wrapped(totalText(total), output.width))
  return total
}

function withDelivery(
  { runs, messages, failed, used }: AttachedTotal,
  { end, usage }: AttachedDelivery,
  isNewRun: boolean,
): AttachedTotal {
  return {
    runs: isNewRun ? runs + 1 : runs,
    messages: messages + 1,
    failed: end.outcome === 'done' ? failed : failed + 1,
    used: addUsage(used, usage),
  }
}

function jsonOf({
  runId,
  deliveryId,
  role,
  message: { id, type, from, to },
  end,
  messages,
  fanOut,
  memories,
  lines,
  usage,
}: AttachedDelivery): object {
  return {
    ...{ runId, deliveryId, role, message: { id, type, from, to }, end },
    ...{ published: messages, fanOut, remembered: memories, log: lines, used: usage },
  }
}

/** What it would have done with one message. */
function deliveryLines(
  { runId, role, message, end, messages, memories, lines, usage }: AttachedDelivery,
  paint: Paint,
): readonly string[] {
  const { id, type, from, to } = message
  const used = usageText(usage)
  return [
    `${paint('bold', `${oneLine(role)}, attached`)} to ${paint('cyan', runId)} ${pathOf(id)} ` +
      `${oneLine(type)} from ${oneLine(from)} to ${oneLine(to)}`,
    ...lines.map((line) => `  says: ${logLine(line, ({ handle }) => handle)}`),
    ...messages.flatMap((published) => [
      `  would publish ${oneLine(published.type)} to ${oneLine(published.to)}: ` +
        oneLine(published.content),
      ...firstLines(published.data, paint),
    ]),
    ...memories.flatMap(({ key, value }) => [
      `  would remember ${oneLine(key)}`,
      ...firstLines(value, paint),
    ]),
    ...(end.outcome === 'done' ? [] : [paint('red', `  failed: ${oneLine(end.error.message)}`)]),
    ...(used === '' ? [] : [paint('dim', `  took ${used}`)]),
    '',
  ]
}

/** Most lines of the data of one message. */
const MOST_LINES = 12

function firstLines(data: unknown, paint: Paint): readonly string[] {
  const lines = dataLines(data, '    ')
  const more = lines.length - MOST_LINES
  if (more <= 0) return lines
  const rest = `    … ${countText(more, 'more line')}: --json has all of it`
  return [...lines.slice(0, MOST_LINES), paint('dim', rest)]
}

function totalText({ runs, messages, failed, used }: AttachedTotal): string {
  const went = failed === 0 ? '' : `, ${failed} failed`
  const took = usageText(used)
  return (
    `${countText(messages, 'message')} of ${countText(runs, 'run')}${went}` +
    `${took === '' ? '' : `; ${took}`}. Nothing of it is in the journal.`
  )
}
