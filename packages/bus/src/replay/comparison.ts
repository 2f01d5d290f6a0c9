import type { Way } from '../attempt.ts'
import type { Message } from '../message.ts'
import type { LogRecord, MemoryRecord } from '../records.ts'
import { redact, type Secret } from '../secret.ts'
import {
  type Divergence,
  type DivergencePlace,
  type FieldDifference,
  fieldDifferences,
  type ReplayedEnd,
  type ReplayedMessage,
  redactDivergence,
} from './divergence.ts'
import { draftsOf, endOf, essence, shownDraft, shownMessage } from './outcome.ts'
import type { RecordedAttempt, RecordedRun, RecordedStep } from './recorded-run.ts'
import { areRedactedAlike } from './redacted-alike.ts'
import type { ReplayedCall } from './replay-steps.ts'

/** What an attempt leaves behind when its handler has succeeded. */
export interface ReplayedWork {
  readonly way: Way | undefined
  readonly written: Iterable<MemoryRecord>
}

interface Pair<Part> {
  readonly expected: Part | undefined
  readonly actual: Part | undefined
}

type At = Pick<DivergencePlace, 'seq' | 'number'>

/** Holds what an attempt does, as it comes, against what was recorded of it. Keeps the first difference. */
export class Comparison {
  /** Where it first does something else. */
  found: Divergence | undefined
  readonly #run: RecordedRun
  readonly #recorded: RecordedAttempt
  readonly #secretsNow: () => Iterable<Secret>
  #lines = 0
  /** The number of the latest record that the handler knows of: one that was as expected, or was served. */
  #seq = 0

  /** `secretsNow` are those that the attempt knows. */
  constructor(run: RecordedRun, recorded: RecordedAttempt, secretsNow: () => Iterable<Secret>) {
    this.#run = run
    this.#recorded = recorded
    this.#secretsNow = secretsNow
  }

  /** The handler asks for a step. */
  call(call: ReplayedCall, recorded: RecordedStep | undefined): void {
    const asked = call.draft && shownDraft(call.draft, this.#redactNow)
    const pair = {
      expected: recorded && this.#recordedCall(recorded, asked),
      actual: shownCall(underItsName(call, recorded), asked),
    }
    const at = { seq: recorded?.seq ?? this.#seq, number: call.number }
    this.#compare(pair, at, (found) => ({ what: 'step', ...found, ...pair }))
  }

  /** The handler knows how a step has ended; what it does now comes after that. */
  served({ endSeq }: RecordedStep): void {
    this.#seq = Math.max(this.#seq, endSeq)
  }

  /** The handler writes a line. */
  line(line: LogRecord): void {
    const number = ++this.#lines
    const recorded = this.#recorded.logs[number - 1]
    const pair = { expected: recorded && shownLine(recorded), actual: shownLine(line) }
    const at = { seq: recorded?.seq ?? this.#seq, number }
    this.#compare(pair, at, (found) => ({ what: 'log', ...found, ...pair }))
  }

  /** The attempt is over, since nobody knows what became of a `once` step: however far its starts had got. */
  doubt(end: ReplayedEnd): void {
    this.#compareEnd(end)
  }

  /** The handler has ended, without having asked for these steps; `undefined` where it does not end. */
  end(end: ReplayedEnd | undefined, unasked: readonly RecordedStep[], work: ReplayedWork): void {
    if (end !== undefined) this.#compareEnd(end)
    for (const step of unasked) {
      const [number = 0] = step.record.step
      const pair = { expected: this.#recordedCall(step, undefined), actual: undefined }
      this.#compare(pair, { seq: step.seq, number }, (found) => ({
        what: 'step',
        ...found,
        ...pair,
      }))
    }
    if (end === undefined) this.#compareEnd(end)
    for (const line of this.#recorded.logs.slice(this.#lines)) {
      const { seq, number } = line
      const pair = { expected: shownLine(line), actual: undefined }
      this.#compare(pair, { seq, number }, (found) => ({ what: 'log', ...found, ...pair }))
    }
    if (end?.outcome !== 'done') return
    this.#compareMemories([...work.written])
    this.#compareMessages(work.way)
  }

  #compareEnd(actual: ReplayedEnd | undefined): void {
    const { settlement } = this.#recorded
    const pair = { expected: endOf(settlement), actual }
    const compared = { expected: essence(pair.expected), actual: essence(actual) }
    this.#compare(compared, settlement, (found) => ({ what: 'end', ...found, ...pair }))
  }

  #compareMemories(written: readonly MemoryRecord[]): void {
    const { memories } = this.#recorded
    // Of what is forgotten nobody knows the value.
    const isForgotten = (index: number) =>
      index < memories.length && memories[index]?.value === undefined
    const shown = ({ key, value }: MemoryRecord, index: number) =>
      isForgotten(index) ? { key } : { key, value }
    this.#compareAll(memories.map(shown), written.map(shown), (found, pair) => ({
      what: 'memory',
      ...found,
      ...pair,
    }))
  }

  #compareMessages(way: Way | undefined): void {
    const { seq, published: ids, fanOut = null } = this.#recorded.settlement
    const messages = ids
      .map((id) => this.#run.published(id))
      .filter((message) => message !== undefined)
    const drafts = draftsOf(way)
    const pair = { expected: fanOut, actual: way?.kind === 'fan-out' ? way.fanOut : null }
    const compareFanOuts = () =>
      this.#compare(pair, { seq }, (found) => ({ what: 'fan-out', ...found, ...pair }))
    if (messages.length > 0 && drafts.length > 0) compareFanOuts()
    const published = drafts.map((draft) => shownDraft(draft, this.#redactNow))
    this.#compareAll(
      messages.map((message, index) => this.#expected(message, published[index])),
      published,
      (found, both) => ({ what: 'message', ...found, ...both }),
    )
    compareFanOuts()
  }

  /**
   * What a message was, or what a fork has put in its place, where that is what is published now: whoever was
   * mended does what the fork has tried.
   */
  #expected(message: Message, actual: ReplayedMessage | undefined): ReplayedMessage {
    const edited = this.#run.edited(message.id)
    if (edited !== undefined && actual !== undefined) {
      const expected = shownMessage({ ...edited, content: actual.content })
      if (this.#isSame({ expected, actual })) return expected
    }
    return shownMessage(message)
  }

  #recordedCall({ record, asked }: RecordedStep, actual: ReplayedMessage | undefined) {
    const { stepKind, name, request } = record
    if (asked === undefined) return { stepKind, name, request }
    return { stepKind: 'ask', ...this.#expected(asked, actual) } as const
  }

  /** Where there are fewer, the first that is not there is missing; where there are more, the first new one was added. */
  #compareAll<Part>(
    expected: readonly Part[],
    actual: readonly Part[],
    divergence: (found: DivergencePlace, pair: Pair<Part>) => Divergence,
  ): void {
    const most = Math.max(expected.length, actual.length)
    for (let index = 0; index < most; index++) {
      const pair = { expected: expected[index], actual: actual[index] }
      if (this.#isSame(pair)) continue
      const shown = {
        expected: expected.length < actual.length ? undefined : pair.expected,
        actual: expected.length > actual.length ? undefined : pair.actual,
      }
      const at = { seq: this.#recorded.settlement.seq, number: index + 1 }
      this.#compare(shown, at, (found) => divergence(found, shown))
      return
    }
  }

  #isSame({ expected, actual }: Pair<unknown>): boolean {
    return (
      expected !== undefined &&
      actual !== undefined &&
      this.#differences(expected, actual).length === 0
    )
  }

  #compare<Part>(
    { expected, actual }: Pair<Part>,
    { seq, number }: At,
    divergence: (found: DivergencePlace) => Divergence,
  ): void {
    if (this.found !== undefined) return
    const isBoth = expected !== undefined && actual !== undefined
    const differences = isBoth ? this.#differences(expected, actual) : []
    if (isBoth && differences.length === 0) {
      this.#seq = Math.max(this.#seq, seq)
      return
    }
    const { deliveryId, attempt, message, listener = message.to } = this.#recorded
    const found = divergence({
      deliveryId,
      type: message.type,
      role: listener,
      attempt,
      how: expected === undefined ? 'added' : actual === undefined ? 'missing' : 'changed',
      seq,
      ...(number === undefined ? {} : { number }),
      differences,
    })
    this.found = redactDivergence(found, (text) => redact(text, this.#known))
  }

  /** Those of the record, and those that the attempt has made now. */
  get #known(): Iterable<Secret> {
    return [...this.#run.secrets.all, ...this.#secretsNow()]
  }

  /** As the attempt redacts what people read. */
  readonly #redactNow = (text: string) => redact(text, this.#secretsNow())

  #differences(expected: unknown, actual: unknown): readonly FieldDifference[] {
    return fieldDifferences(expected, actual, this.#run.opening.runId).filter(
      (difference) => !this.#isRedacted(difference),
    )
  }

  /** What people read was redacted by what was secret then; more may have become secret since. */
  #isRedacted({ path, before, after }: FieldDifference): boolean {
    if (!REDACTED.has(path) || typeof before !== 'string' || typeof after !== 'string') return false
    return areRedactedAlike(before, after, this.#known)
  }
}

/** Where there is a text that is redacted when it is recorded: of a line, a message, an end. */
const REDACTED: ReadonlySet<string> = new Set(['text', 'content', 'error.message'])

/** Whoever went on with an attempt may have asked another model: of two model requests the names do not count. */
function underItsName(call: ReplayedCall, recorded: RecordedStep | undefined): ReplayedCall {
  const isModel = call.stepKind === 'model' && recorded?.record.stepKind === 'model'
  return isModel ? { ...call, name: recorded.record.name } : call
}

function shownCall({ stepKind, name, request }: ReplayedCall, asked: ReplayedMessage | undefined) {
  if (asked === undefined) return { stepKind, name, request }
  return { stepKind: 'ask', ...asked } as const
}

function shownLine({ text, data }: LogRecord) {
  return { text, data }
}
