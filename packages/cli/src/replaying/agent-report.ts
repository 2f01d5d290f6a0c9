import { type JournalReader, shortestRef, type Usage, usageOf } from '@nanoagent/bus'
import type { AgentReplay } from '@nanoagent/orchestrator'
import { addUsage } from '../reading/add-usage.ts'
import { fieldLines } from '../reading/field-lines.ts'
import { pathOf } from '../reading/message-path.ts'
import { countText, numberText, usageText } from '../reading/words.ts'
import { firstCells, wrapped } from '../screen/cells.ts'
import { type Output, printAll, printEach } from '../screen/output.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine, printableJsonLine } from '../screen/printable.ts'
import { type Column, tableLines } from '../screen/table.ts'

/** How replays of one agent are shown. */
export interface AgentReportOptions {
  readonly journal: JournalReader
  readonly flags: { readonly json?: true }
  readonly output: Output
  readonly paint: Paint
  /** Whether its model was asked anew. */
  readonly isLive: boolean
}

/** What came of all of them. */
export interface AgentTotal extends Record<AgentReplay['status'], number> {
  readonly runs: number
  readonly recorded: Usage
  readonly used: Usage
}

/** Deliveries of which it is shown below the table what differs. */
const MOST_SHOWN = 20

/**
 * Shows replays as they come: a table, below it field by field what is changed and why something failed,
 * and what all of it has cost; with `--json` a line of JSON for each, and one for all. Gives the total.
 */
export async function showAgentReplays(
  replays: AsyncIterable<AgentReplay>,
  options: AgentReportOptions,
): Promise<AgentTotal> {
  const { output, flags } = options
  const count = new Count()
  const different: AgentReplay[] = []
  let stop: { readonly error: unknown } | undefined
  async function* counted(): AsyncIterable<AgentReplay> {
    try {
      for await (const replay of replays) {
        count.add(replay)
        if (isDifferent(replay) && different.length < MOST_SHOWN) different.push(replay)
        yield replay
        output.hint(progressText(count.total, output.width))
      }
    } catch (error) {
      stop = { error }
    }
  }
  if (flags.json === true) await printEach(output, jsonLines(counted()))
  else await showTable(counted(), options)
  const { total, deliveries } = count
  if (deliveries > 0) {
    if (flags.json === true) output.print(printableJsonLine({ total }))
    else
      printAll(output, [
        ...differentLines(different, total, options),
        ...totalLines(total, options),
      ])
  }
  // What was paid for is shown also where somebody stops the rest.
  if (stop !== undefined) throw stop.error
  return total
}

/** Adds up what came of the deliveries, which come run by run. */
class Count {
  deliveries = 0
  #runs = 0
  #runId: string | undefined
  readonly #statuses = { same: 0, changed: 0, failed: 0, skipped: 0 }
  #recorded = usageOf([])
  #used = usageOf([])

  get total(): AgentTotal {
    return { runs: this.#runs, ...this.#statuses, recorded: this.#recorded, used: this.#used }
  }

  add({ runId, status, recorded, used }: AgentReplay): void {
    this.deliveries++
    if (runId !== this.#runId) this.#runs++
    this.#runId = runId
    this.#statuses[status]++
    if (status === 'skipped') return
    this.#recorded = addUsage(this.#recorded, recorded)
    this.#used = addUsage(this.#used, used)
  }
}

async function* jsonLines(replays: AsyncIterable<AgentReplay>): AsyncIterable<string> {
  for await (const { rehearsal, ...replay } of replays) {
    const { runId, deliveryId, type, role, attempt, status, reason, ...rest } = replay
    yield printableJsonLine({
      ...{ runId, deliveryId, type, role, attempt, status, reason },
      ...rest,
      published: rehearsal?.messages ?? [],
    })
  }
}

function isDifferent({ status }: AgentReplay): boolean {
  return status === 'changed' || status === 'failed'
}

const RESULT_COLOURS = { same: 'green', changed: 'yellow', failed: 'red', skipped: 'dim' } as const

function inResultColour(paint: Paint, text: string): string {
  const [, colour] = Object.entries(RESULT_COLOURS).find(([status]) => status === text.trim()) ?? []
  return colour === undefined ? text : paint(colour, text)
}

/** The columns of the table; what it cost only where something could. */
function columnsOf(isLive: boolean): readonly Column[] {
  return [
    { title: 'RUN', paint: (paint, text) => paint('cyan', text) },
    { title: 'MESSAGE' },
    { title: 'TYPE', spare: 3 },
    { title: 'RESULT', paint: inResultColour },
    ...(isLive
      ? ([
          { title: 'REQUESTS', align: 'right', spare: 2 },
          { title: 'TOKENS', align: 'right', spare: 1 },
        ] as const)
      : []),
    { title: 'WHAT' },
  ]
}

async function showTable(
  replays: AsyncIterable<AgentReplay>,
  { journal, output, paint, isLive }: AgentReportOptions,
): Promise<void> {
  const { width } = output
  async function* rows(): AsyncIterable<readonly string[]> {
    for await (const replay of replays) {
      const { runId, deliveryId, type, status } = replay
      yield [
        width === undefined ? runId : await shortestRef(journal, runId),
        pathOf(deliveryId),
        oneLine(type),
        status,
        ...(isLive ? costCells(replay) : []),
        whatText(replay),
      ]
    }
  }
  await printEach(output, tableLines(columnsOf(isLive), rows(), { paint, width }))
}

/** What the recorded attempt took, and what it takes now. */
function costCells({ status, recorded, used }: AgentReplay): readonly string[] {
  if (status === 'skipped') return ['', '']
  const both = (of: (usage: Usage) => number) =>
    `${numberText(of(recorded))} → ${numberText(of(used))}`
  return [both(({ modelCalls }) => modelCalls), both(tokensOf)]
}

function tokensOf({ inputTokens, outputTokens }: Usage): number {
  return inputTokens + outputTokens
}

function whatText({ reason, changes }: AgentReplay): string {
  return oneLine(reason ?? changes.map(({ path }) => path).join(', '))
}

/** Below the table: what differs, whole. */
function differentLines(
  replays: readonly AgentReplay[],
  { changed, failed }: AgentTotal,
  { paint, output: { width } }: AgentReportOptions,
): readonly string[] {
  const more = changed + failed - replays.length
  const lines = replays.flatMap(({ runId, deliveryId, type, status, reason, changes }) => [
    '',
    `${paint(RESULT_COLOURS[status], status)} ${paint('cyan', runId)} ${pathOf(deliveryId)} ${oneLine(type)}`,
    ...(reason === undefined ? [] : wrapped(oneLine(reason), width && width - 2)).map(
      (line) => `  ${line}`,
    ),
    ...changes.flatMap((change) => fieldLines(change, '  ', { paint, width })),
  ])
  if (more === 0) return lines
  return [...lines, '', `${countText(more, 'more differs', 'more differ')}: --json shows all of it`]
}

function totalLines(
  total: AgentTotal,
  { isLive, paint, output: { width } }: AgentReportOptions,
): readonly string[] {
  const statuses = (['same', 'changed', 'failed', 'skipped'] as const)
    .filter((status) => total[status] > 0)
    .map((status) => paint(RESULT_COLOURS[status], `${numberText(total[status])} ${status}`))
  const recorded = usageText(total.recorded) || 'nothing was asked'
  const used = usageText(total.used) || 'nothing was asked'
  return [
    '',
    `${countText(total.runs, 'run')}: ${statuses.join(', ')}`,
    ...wrapped(isLive ? `Recorded: ${recorded}. Now: ${used}.` : servedText(total), width),
  ]
}

/** What fails may have asked for what is not in the record. */
function servedText({ same, changed, failed }: AgentTotal): string {
  const isAllServed = failed === 0 && same + changed > 0
  return isAllServed ? 'All was served from the record.' : 'Nothing was asked anew.'
}

/** How far it is, for a terminal. */
function progressText(
  { runs, same, changed, failed }: AgentTotal,
  width: number | undefined,
): string {
  if (width === undefined) return ''
  const done = `${countText(runs, 'run')}: ${same} same, ${changed} changed, ${failed} failed`
  return firstCells(done, width)
}
