import { setTimeout as sleep } from 'node:timers/promises'
import type { NamedTypes, Team } from '@nanoagent/agents'
import type { MessageType, RunReading } from '@nanoagent/bus'
import type { SqliteJournal } from '@nanoagent/bus/sqlite'
import {
  describeWhy,
  type ReplayedDelivery,
  type RunResult,
  recordedResult,
  replayRun,
} from '@nanoagent/orchestrator'
import { EXIT } from '../exit-status.ts'
import type { Interruption } from '../interruption.ts'
import { endLine } from '../report/end-line.ts'
import type { Reporter } from '../report/reporters.ts'
import type { Output } from '../screen/output.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import type { ReplayFlags } from './command-line.ts'
import { createPace } from './pace.ts'
import { createPlayback } from './playback.ts'
import { stepLines } from './step-lines.ts'
import { LeftError, Stepping } from './stepping.ts'
import type { Verdict } from './verdict.ts'

/** What a replay of one run is shown with. */
export interface Showing extends Pick<SqliteJournal, 'memory'> {
  readonly reading: RunReading
  readonly flags: ReplayFlags
  readonly output: Output
  readonly paint: Paint
  readonly interruption: Pick<Interruption, 'signal' | 'stop'>
}

/** Replays a run and shows it as it was shown, each message when it was handled again. */
export async function showReplay<
  Entry extends MessageType,
  Terminal extends MessageType,
  Context extends NamedTypes,
>(
  team: Team<Entry, Terminal, Context, string>,
  reporter: Reporter<RunResult<Terminal, Context>>,
  { memory, reading, flags, output, paint, interruption }: Showing,
): Promise<Verdict> {
  const { records, summary } = reading
  const { attempts, speed } = flags
  const { signal } = interruption
  const interrupt = () => interruption.stop(EXIT.interrupted, 'interrupted')
  const { print } = output
  const playback = createPlayback(records, reporter.show, createPace({ speed, sleep, signal }))
  const stepping =
    flags.step === true
      ? new Stepping({ reading, lines: stepLines(process, interrupt), output, paint })
      : undefined
  const deliveries: ReplayedDelivery[] = []
  reporter.begin(summary.request ?? '')
  try {
    const report = await replayRun({
      team,
      records,
      memory,
      attempts,
      onBegin: (attempt) => stepping?.begin(attempt),
      async onDelivery(delivery) {
        await playback.upTo(delivery.seq)
        if (delivery.divergence !== undefined) print(markLine(delivery, paint))
        await playback.published()
        deliveries.push(delivery)
        stepping?.made(delivery)
      },
    })
    await playback.toEnd()
    await stepping?.end()
    const result = recordedResult(team, records)
    if (result !== undefined) reporter.end(result)
    const end = result === undefined ? 'the run is open' : endLine(result)
    if (end !== undefined) print(`\nRecorded: ${end.replace(/^nanoagent: /, '')}`)
    return report
  } catch (error) {
    if (error instanceof LeftError) return { ...verdictSoFar(deliveries), deliveries }
    throw error
  }
}

/** Says, among what the run has shown, where the replay does something else. */
function markLine({ role, divergence }: ReplayedDelivery, paint: Paint): string {
  const why = divergence === undefined ? '' : `: ${describeWhy(divergence.why)}`
  return `  ${paint('red', '✗')} ${oneLine(role)} does something else now${why}`
}

function verdictSoFar(
  deliveries: readonly ReplayedDelivery[],
): Pick<Verdict, 'status' | 'divergence'> {
  const [divergence] = deliveries
    .flatMap(({ divergence }) => divergence ?? [])
    .sort((a, b) => a.seq - b.seq)
  return divergence === undefined ? { status: 'left' } : { status: 'diverged', divergence }
}
