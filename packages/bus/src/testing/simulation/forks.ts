import { type Bus, createBus } from '../../bus.ts'
import type { ForkOptions } from '../../fork/fork.ts'
import type { Journal, JournalMemory } from '../../journal.ts'
import { createMemoryJournal } from '../../journals/memory.ts'
import type { MessageType } from '../../message-type.ts'
import { isExternalPath, pathInRun, scopesOf, withoutRunId } from '../../paths.ts'
import { diffRuns, type MessageDiff } from '../../reading/diff.ts'
import { causalGraph, coneOf } from '../../reading/graph.ts'
import type { ErrorRecord, JournalRecord } from '../../records.ts'
import { createVirtualRuntime, idle, type VirtualRuntime } from '../virtual-runtime.ts'
import { Chance, fingerprint } from './chance.ts'
import { checkDiffs } from './diffs.ts'
import { checkForked } from './fork-rules.ts'
import { Done, Part, Question, Told, Work } from './messages.ts'
import { playersOf } from './players.ts'
import { checkReplay } from './replays.ts'
import type { Scenario } from './scenario.ts'
import type { World } from './world.ts'

/** The number of a process that only reads. */
const READER = 0

/** Forks of each run. */
const FORKS = 1

/** Forks every run in a world of its own, at messages by chance, and checks what became of that. */
export async function checkForks(world: World): Promise<void> {
  const { findings, ledger, scenario } = world
  // Who kills its process would kill that of the check.
  if (scenario.hasKillers) return
  const journal = world.journalOf(READER)
  for (const runId of ledger.runs.keys()) {
    const records = await Array.fromAsync(journal.read({ runId }))
    const ids = records.flatMap((record) => (record.kind === 'message' ? record.message.id : []))
    const chance = new Chance(fingerprint(`${scenario.seed} ${runId}`))
    for (let fork = 0; fork < FORKS && ids.length > 0; fork++) {
      const at = ids[chance.below(ids.length)] ?? runId
      const isChanged = chance.is(0.5)
      await findings.unthrown(named(at, isChanged), () => checkFork(world, records, at, isChanged))
      if (findings.broken !== undefined) return
    }
  }
}

function named(at: string, isChanged: boolean): string {
  return `a fork at ${at}${isChanged ? ' with other data' : ''}`
}

async function checkFork(
  world: World,
  records: readonly JournalRecord[],
  at: string,
  isChanged: boolean,
): Promise<void> {
  const { findings, counts, ledger } = world
  const edit = isChanged ? editOf(records, at) : {}
  const { memory, forked } = await fork(world, records, at, edit)
  counts.forked++
  checkForked(
    {
      break: (invariant, what) => findings.break(invariant, `${named(at, isChanged)}: ${what}`),
    },
    { parent: records, at, records: forked, known: ledger.records, ...edit },
  )
  checkDiffs(world, records, forked)
  await checkReplay(world, forked, ledger.variantOf(records[0]?.runId ?? ''), memory)
  const before = causalGraph(records)
  const after = causalGraph(forked)
  const diff = diffRuns(before, after)
  // What the run has left undone, or cancelled, may go on in its fork, beside what is done anew.
  const anew = [at, ...besides(records, at), ...unsettledIn(records)]
  const cone = new Set(
    [before, after].flatMap((graph) =>
      anew
        .flatMap((id) => coneOf(graph, pathInRun(id, graph.runId)))
        .map((id) => withoutRunId(id, graph.runId)),
    ),
  )
  const told = (what: string) => `${named(at, isChanged)} ${what}`
  const performedAgain = repeated(forked)
  if (performedAgain !== undefined) {
    findings.break('once-performed-once', told(`performs 'once' of ${performedAgain} again`))
  }
  const isRevived = records.some(({ kind }) => kind === 'run.reopened')
  // Who is cancelled has come too late, and might have come earlier.
  const isLuck = hasLuck(world.scenario, records) || forked.some(isCancelled)
  for (const message of diff.messages) {
    if (message.kind !== 'same' && !cone.has(message.path) && !isRevived) {
      findings.break('fork-in-cone', told(`differs at ${message.path}: ${message.kind}`))
    }
    if (isChanged || isLuck || !isOther(message)) continue
    findings.break('forked-alike', told(`does something else at ${message.path}: ${why(message)}`))
  }
  if (isChanged || isLuck || diff.end.length === 0) return
  findings.break('forked-alike', told(`ends otherwise: ${JSON.stringify(diff.end)}`))
}

/** A `once` step of a fork that was performed more than once, in the run or in the fork; the first one. */
function repeated(records: readonly JournalRecord[]): string | undefined {
  const begun = new Set<string>()
  for (const record of records) {
    if (record.kind !== 'step' || record.name !== 'once' || record.outcome.type !== 'intent')
      continue
    if (begun.has(record.messageId)) return record.messageId
    begun.add(record.messageId)
  }
  return undefined
}

/** What is beside a message in a fan-out that needs some of its branches: that it failed was due to all of them. */
function besides(records: readonly JournalRecord[], at: string): readonly string[] {
  const points = new Set<string>()
  for (const record of records) {
    if (record.kind === 'settle' && typeof record.fanOut?.policy === 'object') {
      points.add(record.messageId)
    }
  }
  const isWithin = (id: string, of: string) => scopesOf(id).some((scope) => scope.of === of)
  const around = [...points].filter((point) => isWithin(at, point))
  return records.flatMap((record) => {
    if (record.kind !== 'message') return []
    const { id } = record.message
    return around.some((point) => isWithin(id, point)) ? [id] : []
  })
}

/** Messages that nobody was done with when the records ended, or was to go on with. */
function unsettledIn(records: readonly JournalRecord[]): readonly string[] {
  const unsettled = new Set<string>()
  for (const record of records) {
    if (record.kind === 'message') unsettled.add(record.message.id)
    else if (record.kind === 'settle' && ['done', 'dead'].includes(record.outcome)) {
      unsettled.delete(record.messageId)
    }
  }
  return [...unsettled]
}

/** The records of a fork, at its end. */
async function fork(
  world: World,
  records: readonly JournalRecord[],
  at: string,
  edit: Edit,
): Promise<{ readonly forked: readonly JournalRecord[]; readonly memory: JournalMemory }> {
  const runtime = createVirtualRuntime({ startAt: 2_000_000, idPrefix: 'fork' })
  const journal = createMemoryJournal({ runtime })
  const runId = records[0]?.runId ?? ''
  await store(journal, records)
  for (const other of sharing(world, runId)) {
    await store(
      journal,
      world.ledger.records.filter((record) => record.runId === other),
    )
  }
  const bus = createBus({ journal: world.sabotage.fork?.(journal) ?? journal, runtime })
  play(bus, world, runId)
  const run = await bus.fork(runId, { at, ...edit })
  // What waits for ever was cancelled in the run as well, or took its time.
  if ((await until(runtime, run.result)) === undefined) run.cancel('nothing ends it')
  await until(runtime, bus.drain())
  await bus.close()
  const forked = await Array.fromAsync(journal.read({ runId: run.id }))
  return { forked, memory: journal.memory }
}

/** A copy of a run in another journal, where nobody has it. */
async function store(journal: Journal, records: readonly JournalRecord[]): Promise<void> {
  const lease = { runId: records[0]?.runId ?? '', epoch: 1, owner: 'nobody' }
  await journal.append(
    records.map((record) => ({ ...record })),
    lease,
  )
  await journal.release(lease)
}

/** The other runs in the thread of a run. */
function sharing({ ledger }: World, runId: string): readonly string[] {
  const thread = ledger.runs.get(runId)?.plan?.thread
  if (thread === undefined) return []
  return [...ledger.runs.values()].flatMap((book) => {
    return book.plan?.thread === thread && book.runId !== runId ? [book.runId] : []
  })
}

const TYPES: ReadonlyMap<string, MessageType> = new Map(
  [Work, Question, Told, Part, Done].map((type) => [type.name, type]),
)

type Edit = Pick<ForkOptions, 'data' | 'types'>

/** Another trail, where the message has one. */
function editOf(records: readonly JournalRecord[], at: string): Edit {
  for (const record of records) {
    if (record.kind !== 'message' || record.message.id !== at) continue
    const { data, type } = record.message
    if (typeof data !== 'object' || data === null || !('trail' in data)) return {}
    if (!TYPES.has(type)) return {}
    return { types: TYPES, data: { ...data, trail: Number(data.trail) + 1 } }
  }
  return {}
}

function play(bus: Bus, world: World, parent: string): void {
  let nonce = 1_000_000
  const variant = world.ledger.variantOf(parent)
  const { roles, listeners } = playersOf(world, {
    perform: () => 1,
    effect: () => idle(),
    kill() {},
    nextNonce: () => ++nonce,
    variantOf: () => variant,
    askTimeoutMs: 1e9,
  })
  for (const [name, role] of roles) bus.subscribe(name, role)
  for (const [name, listener] of listeners) bus.listen(name, listener)
}

/** What a promise comes to, with time passing as long as it needs; `undefined` where nothing brings it to its end. */
async function until<T>(runtime: VirtualRuntime, promise: Promise<T>): Promise<T | undefined> {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  promise.then(settle, settle)
  for (;;) {
    for (let turns = 0; turns < 40 && !isSettled; turns++) await idle()
    if (isSettled) return promise
    const next = runtime.untilNextTimer()
    if (next === undefined) return undefined
    await runtime.advance(next)
  }
}

/** Whether time, a race or somebody's hand had a part in a run, so that another time it may be otherwise. */
function hasLuck({ hasEarlyTimers }: Scenario, records: readonly JournalRecord[]): boolean {
  const unanswered = new Set<string>()
  const isLucky = records.some((record) => {
    switch (record.kind) {
      case 'run.reopened':
        return true
      case 'settle':
        return (
          // Its branches race: those that are served are there first.
          typeof record.fanOut?.policy === 'object' ||
          isCancelled(record) ||
          (hasEarlyTimers && isTimeout(record.error)) ||
          record.reason === 'crashed' ||
          record.reason === 'outcome_unknown'
        )
      case 'step': {
        const name = `${record.messageId}/${record.attempt} ${record.step.join('.')}`
        if (record.outcome.type === 'intent') unanswered.add(name)
        else unanswered.delete(name)
        return hasEarlyTimers && record.outcome.type === 'error' && isTimeout(record.outcome.error)
      }
      case 'run.ended':
        return !['completed', 'failed', 'stalled'].includes(record.status)
      case 'message':
        // What comes from outside comes when it comes.
        return isExternalPath(record.message.id)
      default:
        return false
    }
  })
  return isLucky || unanswered.size > 0
}

function isCancelled(record: JournalRecord): boolean {
  return record.kind === 'settle' && record.outcome === 'cancelled'
}

function isTimeout(error: ErrorRecord | undefined): boolean {
  return error?.code.endsWith('timeout') === true
}

/** Whether a message, or what became of it, is other. In which order steps side by side come is luck. */
function isOther({ kind, fields, attempts }: MessageDiff): boolean {
  if (kind !== 'changed' || fields.length > 0) return kind !== 'same'
  return attempts.some((attempt) => attempt.kind !== 'changed' || attempt.fields.length > 0)
}

function why({ kind, fields, attempts }: MessageDiff): string {
  return `${kind} ${JSON.stringify({ fields, attempts })}`.slice(0, 400)
}
