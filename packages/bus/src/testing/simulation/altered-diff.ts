import { isDeepStrictEqual } from 'node:util'
import { withoutRunId } from '../../paths.ts'
import type { AttemptDiff, diffRuns, MessageDiff, RunsDiff, StepDiff } from '../../reading/diff.ts'
import type { Difference } from '../../reading/differences.ts'
import { causalGraph } from '../../reading/graph.ts'
import type {
  InAttempt,
  JournalRecord,
  MessageRecord,
  RunEndedRecord,
  SettleRecord,
  StepRecord,
} from '../../records.ts'
import type { Chance } from './chance.ts'

/** A run of which one part is another one, and what a comparison must tell of it. */
interface AlteredRun extends Pick<RunsDiff, 'end' | 'messages'> {
  readonly records: readonly JournalRecord[]
}

/**
 * Alters one part of a run, by chance, and holds what the comparison of both says, both ways, against what
 * it must say. Gives what is wrong; `undefined` where nothing is.
 */
export function misreadDiff(
  records: readonly JournalRecord[],
  chance: Chance,
  diff: typeof diffRuns,
): string | undefined {
  const altered = alterRun(records, chance)
  if (altered === undefined) return undefined
  const { end, messages } = altered
  const [before, after] = [causalGraph(records), causalGraph(altered.records)]
  const there = told(diff(before, after))
  const expected = { isSame: false, end, messages }
  if (!isDeepStrictEqual(there, expected)) return misread(there, expected)
  const back = told(diff(after, before))
  const exchanged = {
    isSame: false,
    end: end.map(exchange),
    messages: messages.map((message) => exchangeMessage(message, typeOf(after, message))),
  }
  return isDeepStrictEqual(back, exchanged) ? undefined : misread(back, exchanged)
}

function misread(said: unknown, expected: unknown): string {
  return `a comparison with an altered run says ${JSON.stringify(said)}, not ${JSON.stringify(expected)}`
}

/** What a comparison tells of what is not the same. */
function told({ isSame, end, messages }: RunsDiff) {
  return { isSame, end, messages: messages.filter(({ kind }) => kind !== 'same') }
}

type Place = Pick<MessageDiff, 'type' | 'from' | 'to'>

/** How a message is called in the other run, where it is there. */
function typeOf({ nodes }: ReturnType<typeof causalGraph>, { path }: MessageDiff): Partial<Place> {
  for (const { message } of nodes.values()) {
    const { id, runId, type, from, to } = message
    if (withoutRunId(id, runId) === path) return { type, from, to }
  }
  return {}
}

const EXCHANGED = { same: 'same', changed: 'changed', added: 'removed', removed: 'added' } as const

function exchange({ path, kind, ...sides }: Difference): Difference {
  return {
    path,
    kind: EXCHANGED[kind],
    ...('before' in sides ? { after: sides.before } : {}),
    ...('after' in sides ? { before: sides.after } : {}),
  }
}

function exchangeMessage(message: MessageDiff, place: Partial<Place>): MessageDiff {
  const exchangeStep = (one: StepDiff): StepDiff => ({
    ...one,
    // What has changed is called as it was.
    name: String(one.fields.find(({ path }) => path === 'name')?.after ?? one.name),
    kind: EXCHANGED[one.kind],
    fields: one.fields.map(exchange),
  })
  return {
    ...message,
    ...place,
    kind: EXCHANGED[message.kind],
    fields: message.fields.map(exchange),
    attempts: message.attempts.map((one) => ({
      ...one,
      kind: EXCHANGED[one.kind],
      fields: one.fields.map(exchange),
      steps: one.steps.map(exchangeStep),
    })),
  }
}

/** What is compared. */
type Part = 'message' | 'step' | 'attempt' | 'end'

function alterRun(records: readonly JournalRecord[], chance: Chance): AlteredRun | undefined {
  const messages = new Map<string, MessageRecord>()
  const parts = new Map<Part, Map<string, JournalRecord>>()
  const add = (part: Part, name: string, record: JournalRecord) => {
    const known = parts.get(part)
    if (known === undefined) parts.set(part, new Map([[name, record]]))
    else known.set(name, record)
  }
  for (const record of records) {
    // Of several records of one thing the last one counts.
    if (record.kind === 'message') {
      messages.set(record.message.id, record)
      add('message', record.message.id, record)
    } else if (record.kind === 'settle' && messages.has(record.messageId)) {
      add('attempt', nameOf(record), record)
    } else if (record.kind === 'step' && messages.has(record.messageId)) {
      add('step', `${nameOf(record)} ${record.step.join('.')}`, record)
    } else if (record.kind === 'run.ended' && record === records.at(-1)) add('end', '', record)
  }
  const part = [...parts.keys()][chance.below(parts.size)]
  const known = [...((part && parts.get(part)?.values()) ?? [])]
  const record = known[chance.below(known.length)]
  switch (record?.kind) {
    case 'message':
      return alterMessage(records, record, chance)
    case 'run.ended':
      return alterEnd(records, record, chance)
    case 'settle':
    case 'step': {
      const message = messages.get(record.messageId)
      const attempt =
        record.kind === 'step'
          ? alterStep(records, record, chance)
          : alterAttempt(records, record, chance)
      if (message === undefined) return undefined
      const diff = { ...placeOf(message), kind: 'changed', fields: [] } as const
      return {
        records: attempt.records,
        end: [],
        messages: [{ ...diff, attempts: [attempt.diff] }],
      }
    }
    default:
      return undefined
  }
}

const ALTERED = 'altered'

function alterMessage(
  records: readonly JournalRecord[],
  record: MessageRecord & { readonly seq: number },
  chance: Chance,
): AlteredRun {
  const { message } = record
  const place = placeOf(record)
  const altered = (changes: Partial<typeof message>, fields: readonly Difference[]) => ({
    records: records.with(records.indexOf(record), {
      ...record,
      message: { ...message, ...changes },
    }),
    end: [],
    messages: [{ ...place, kind: 'changed', fields, attempts: [] } as const],
  })
  const what = chance.pick('data', 'metadata', 'type', 'from', 'to', 'nothing')
  switch (what) {
    case 'data':
    case 'metadata': {
      const fields = typeof message[what] === 'object' ? message[what] : {}
      const added = { path: `${what}.${ALTERED}`, kind: 'added', after: ALTERED } as const
      return altered({ [what]: { ...fields, [ALTERED]: ALTERED } }, [added])
    }
    case 'nothing':
      return {
        records: records.filter((one) => one !== record),
        end: [],
        messages: [{ ...place, kind: 'removed', fields: [], attempts: [] }],
      }
    default:
      return altered({ [what]: ALTERED }, [
        { path: what, kind: 'changed', before: message[what], after: ALTERED },
      ])
  }
}

interface Altered {
  readonly records: readonly JournalRecord[]
  readonly diff: AttemptDiff
}

function alterAttempt(
  records: readonly JournalRecord[],
  record: SettleRecord & { readonly seq: number },
  chance: Chance,
): Altered {
  const { attempt, outcome, error } = record
  const replaced = (other: JournalRecord, field: Difference): Altered => ({
    records: records.with(records.indexOf(record), other),
    diff: { attempt, kind: 'changed', fields: [field], steps: [] },
  })
  const what = chance.pick('outcome', 'error', 'nothing')
  if (what === 'nothing') {
    const name = nameOf(record)
    return {
      records: records.filter((one) => !('attempt' in one && nameOf(one) === name)),
      diff: { attempt, kind: 'removed', fields: [], steps: [] },
    }
  }
  if (what === 'error' && error !== undefined) {
    return replaced(
      { ...record, error: { ...error, message: ALTERED } },
      { path: 'error.message', kind: 'changed', before: error.message, after: ALTERED },
    )
  }
  const after = outcome === 'dead' ? 'failed' : 'dead'
  return replaced(
    { ...record, outcome: after },
    { path: 'outcome', kind: 'changed', before: outcome, after },
  )
}

function alterStep(
  records: readonly JournalRecord[],
  record: StepRecord & { readonly seq: number },
  chance: Chance,
): Altered {
  const { attempt, stepKind, name, request, outcome } = record
  const step = record.step.join('.')
  const changed = (steps: readonly StepDiff[]): AttemptDiff => ({
    attempt,
    kind: 'changed',
    fields: [],
    steps,
  })
  const replaced = (other: JournalRecord, path: string, before: unknown): Altered => ({
    records: records.with(records.indexOf(record), other),
    diff: changed([
      {
        step,
        stepKind,
        name,
        kind: 'changed',
        fields: [{ path, kind: 'changed', before, after: ALTERED }],
      },
    ]),
  })
  switch (chance.pick('name', 'request', 'outcome', 'outcome', 'nothing')) {
    case 'name':
      return replaced({ ...record, name: ALTERED }, 'name', name)
    case 'request':
      return replaced({ ...record, request: ALTERED }, 'request', request)
    case 'nothing': {
      const isOf = (one: JournalRecord) => 'attempt' in one && nameOf(one) === nameOf(record)
      const isIt = (one: JournalRecord) =>
        one.kind === 'step' && isOf(one) && one.step.join('.') === step
      const rest = records.filter((one) => !isIt(one))
      // Without its only record there is no attempt.
      if (!rest.some(isOf)) break
      return {
        records: rest,
        diff: changed([{ step, stepKind, name, kind: 'removed', fields: [] }]),
      }
    }
    default:
      break
  }
  switch (outcome.type) {
    case 'response': {
      const other = { ...record, outcome: { ...outcome, response: ALTERED } }
      return replaced(other, 'response', outcome.response)
    }
    case 'error': {
      const error = { ...outcome.error, message: ALTERED }
      return replaced(
        { ...record, outcome: { ...outcome, error } },
        'error.message',
        outcome.error.message,
      )
    }
    default:
      return replaced({ ...record, request: ALTERED }, 'request', request)
  }
}

function alterEnd(
  records: readonly JournalRecord[],
  record: RunEndedRecord & { readonly seq: number },
  chance: Chance,
): AlteredRun {
  const { status } = record
  const what = chance.pick('status', 'reason')
  const after = what === 'reason' ? ALTERED : status === 'failed' ? 'stalled' : 'failed'
  const before = record[what]
  const difference: Difference =
    before === undefined
      ? { path: what, kind: 'added', after }
      : { path: what, kind: 'changed', before, after }
  const other: JournalRecord = { ...record, [what]: after }
  return { records: records.with(-1, other), end: [difference], messages: [] }
}

function placeOf({ message: { id, runId, type, from, to } }: MessageRecord) {
  return { path: withoutRunId(id, runId), type, from, to }
}

function nameOf({ messageId, attempt }: Pick<InAttempt, 'messageId' | 'attempt'>): string {
  return `${messageId}/${attempt}`
}
