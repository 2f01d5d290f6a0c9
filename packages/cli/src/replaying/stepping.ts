import { messageOfDelivery, type ReplayedAttempt, type RunReading } from '@nanoagent/bus'
import type { ReplayedDelivery } from '@nanoagent/orchestrator'
import type { LineReader } from '../chat/line-reader.ts'
import { UsageError } from '../errors.ts'
import { messageLines } from '../reading/message-lines.ts'
import { pathOf, typedMessage } from '../reading/message-path.ts'
import { type Output, printAll } from '../screen/output.ts'
import type { Paint } from '../screen/paint.ts'
import { firstCharacters, oneLine } from '../screen/printable.ts'
import { divergenceLines, placeText } from './divergence-lines.ts'
import { STEP_HELP } from './help.ts'

const SHORT_HELP = 'n next, t go on to a message, i inspect, c continue, q quit, h help'

/** What stepping through a run takes. */
export interface SteppingOptions {
  readonly reading: RunReading
  readonly lines: LineReader
  readonly output: Pick<Output, 'print' | 'notify' | 'width'>
  readonly paint: Paint
}

/** A person has left before the end. */
export class LeftError extends Error {}

/** Until when a replay goes on without asking. */
type Goal =
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'message'; readonly id: string }
  | { readonly kind: 'end' }

/** Lets a person say when each message is handled. */
export class Stepping {
  readonly #reading: RunReading
  readonly #lines: LineReader
  readonly #output: SteppingOptions['output']
  readonly #paint: Paint
  #goal: Goal | undefined
  #made: ReplayedDelivery | undefined
  #isKnown = false

  constructor({ reading, lines, output, paint }: SteppingOptions) {
    this.#reading = reading
    this.#lines = lines
    this.#output = output
    this.#paint = paint
  }

  /** Resolves when the attempt may be made. Throws a `LeftError` where the person leaves. */
  async begin(attempt: ReplayedAttempt): Promise<void> {
    if (this.#isReached(attempt)) await this.#ask(attempt, `Next: ${placeText(attempt)}`)
    const goal = this.#goal
    if (goal?.kind === 'role' && goal.role === attempt.role) this.#goal = undefined
  }

  /** An attempt was made, and shown. */
  made(delivery: ReplayedDelivery): void {
    this.#made = delivery
  }

  /** Resolves when the person has seen enough of what was made last. */
  async end(): Promise<void> {
    if (this.#goal?.kind === 'end') return
    await this.#ask(undefined, 'Next: the end').catch((error: unknown) => {
      if (!(error instanceof LeftError)) throw error
    })
  }

  #isReached({ deliveryId }: ReplayedAttempt): boolean {
    const goal = this.#goal
    if (goal === undefined) return true
    if (goal.kind !== 'message' || goal.id !== messageOfDelivery(deliveryId)) return false
    this.#goal = undefined
    return true
  }

  async #ask(next: ReplayedAttempt | undefined, text: string): Promise<void> {
    const { print, notify } = this.#output
    print(this.#paint('dim', text))
    if (!this.#isKnown) print(this.#paint('dim', SHORT_HELP))
    this.#isKnown = true
    for (;;) {
      const line = await this.#lines.next()
      if (line === undefined) throw new LeftError()
      const [, word = '', name = ''] = /^(\S*)\s*(.*)$/.exec(line.trim()) ?? []
      try {
        if (this.#does(word.toLowerCase(), name, next)) return
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        notify(`nanoagent: ${error.message}`)
      }
    }
  }

  /** Does what a command says; whether the replay goes on then. */
  #does(word: string, name: string, next: ReplayedAttempt | undefined): boolean {
    switch (word) {
      case '':
      case 'n':
      case 'next':
        if (name !== '') this.#goal = { kind: 'role', role: this.#roleOf(name, next) }
        return true
      case 't':
      case 'to':
        this.#goal = { kind: 'message', id: this.#messageOf(name, next) }
        return true
      case 'c':
      case 'continue':
        this.#goal = { kind: 'end' }
        return true
      case 'i':
      case 'inspect':
        this.#inspect(name, next)
        return false
      case 'h':
      case 'help':
      case '?':
        this.#output.print(STEP_HELP)
        return false
      case 'q':
      case 'quit':
        throw new LeftError()
      default:
        throw new UsageError(`there is no command '${shown(word)}': h says what there is`)
    }
  }

  #inspect(name: string, next: ReplayedAttempt | undefined): void {
    const { graph } = this.#reading
    const made = this.#made
    const latest = messageOfDelivery((made ?? next)?.deliveryId ?? graph.runId)
    const id = name === '' ? latest : typedMessage(graph, name)
    const { width } = this.#output
    printAll(this.#output, messageLines(this.#reading, id, this.#paint))
    if (made?.divergence === undefined || messageOfDelivery(made.deliveryId) !== id) return
    this.#output.print('')
    this.#output.print(this.#paint('bold', 'what it does now'))
    printAll(this.#output, divergenceLines(made.divergence, { paint: this.#paint, width }))
  }

  /** A role that has something to handle yet. */
  #roleOf(name: string, next: ReplayedAttempt | undefined): string {
    const roles = new Set(this.#ends(next).map(({ role }) => role))
    if (roles.has(name)) return name
    throw new UsageError(
      `'${shown(name)}' handles nothing from here on: ` +
        (roles.size === 0 ? 'nobody does' : `these do: ${[...roles].join(', ')}`),
    )
  }

  /** A message that is to be handled yet. */
  #messageOf(name: string, next: ReplayedAttempt | undefined): string {
    if (name === '') throw new UsageError('t needs a message, as in t .h: see nanoagent show')
    const id = typedMessage(this.#reading.graph, name)
    const isNext = next !== undefined && messageOfDelivery(next.deliveryId) === id
    const others = this.#ends(next).filter(({ seq }) => seq !== next?.seq)
    if (others.some(({ messageId }) => messageOfDelivery(messageId) === id)) return id
    throw new UsageError(
      isNext
        ? `${pathOf(id)} is the next one already`
        : `${pathOf(id)} is not handled from here on`,
    )
  }

  /** How attempts end from here on. */
  #ends(next: ReplayedAttempt | undefined) {
    const from = next?.seq ?? Number.POSITIVE_INFINITY
    return this.#reading.records.flatMap((record) =>
      record.kind === 'settle' && record.seq >= from ? record : [],
    )
  }
}

function shown(text: string): string {
  return firstCharacters(oneLine(text), 40)
}
