/** Base of every error that the bus throws or records. `code` is stable; the message is for people. */
export class BusError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** One reason why data does not fit its type: where in the data, and what was expected there. */
export interface Issue {
  /** Path in the data, such as `classes.symbols`; empty for the data as a whole. */
  readonly path: string
  readonly message: string
}

/** Data does not fit the message type's schema, or is not JSON. Thrown at the publisher. */
export class InvalidMessageError extends BusError {
  readonly type: string
  readonly issues: readonly Issue[]

  constructor(type: string, issues: readonly Issue[]) {
    const lines = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    super('invalid_message', `message '${type}' refused: ${lines.join('; ')}`)
    this.type = type
    this.issues = issues
  }
}

/** A message type cannot be defined so: its name or its schema is not allowed. */
export class MessageTypeError extends BusError {
  constructor(message: string, options?: ErrorOptions) {
    super('invalid_message_type', message, options)
  }
}

/** A message id or a step id does not follow the grammar of causal paths. */
export class InvalidPathError extends BusError {
  constructor(path: string) {
    super(
      'invalid_path',
      `'${path}' is no causal path: expected <runId> and then segments such as '.h'`,
    )
  }
}

/** Runs cannot be imported as they are written. Nothing of them was stored. */
export class ImportError extends BusError {
  /** The line of what was read that is not as it should be, from 1; absent where it is no single one. */
  readonly line: number | undefined
  /** What is wrong, without the line and what that means for an import. */
  readonly problem: string

  constructor(problem: string, line?: number, options?: ErrorOptions) {
    const where = line === undefined ? '' : `line ${line}: `
    super('import_refused', `${where}${problem}; nothing was imported`, options)
    this.line = line
    this.problem = problem
  }
}

/** The journal could not store a run of an import. Those before it are stored, each of them whole. */
export class ImportStoppedError extends BusError {
  /** How many runs were stored. */
  readonly stored: number

  constructor(runId: string, stored: number, cause: unknown) {
    super(
      'import_stopped',
      `run ${runId} could not be stored: ${describe(cause)}; ` +
        `${stored} runs before it were imported whole: import again without those that are there`,
      { cause },
    )
    this.stored = stored
  }
}

/** An option has a value that cannot work. Thrown where the option is given. */
export class InvalidOptionError extends BusError {
  constructor(name: string, value: unknown, expected: string) {
    super('invalid_option', `${name} is ${String(value)}: expected ${expected}`)
  }
}

/** What a handler throws when another attempt cannot help: the delivery is dead at once. */
export class TerminalError extends BusError {
  constructor(message: string, options?: ErrorOptions & { code?: string }) {
    super(options?.code ?? 'terminal', message, options)
  }
}

/** A recorded step was asked for with another request than the one that was recorded. */
export class NonDeterminismError extends TerminalError {
  readonly step: string
  readonly expected: string
  readonly actual: string

  constructor(step: string, expected: string, actual: string) {
    super(
      `step ${step} asks for something else than what was recorded: ` +
        `expected ${expected}, got ${actual}; keep everything that varies inside a step`,
      { code: 'non_determinism' },
    )
    this.step = step
    this.expected = expected
    this.actual = actual
  }
}

/** The code of an attempt that cannot go on, since nobody knows what became of a `once` step. */
export const OUTCOME_UNKNOWN = 'outcome_unknown'

/** A `once` step was begun and nobody knows how it ended, so it is not performed again. */
export class OutcomeUnknownError extends TerminalError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: OUTCOME_UNKNOWN })
  }
}

/** The error for a step that was begun, by its path and its name. */
export function outcomeUnknown(step: string, name: string): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `'${name}' (step ${step}) was begun and its outcome is unknown: ` +
      'check by hand whether it took effect',
  )
}

/**
 * The error of a step, as a handler gets it: what its record keeps, whether the step was performed or is
 * served. It has the name of what the step threw, which is its `cause` where it was performed.
 */
export class RecordedError extends BusError {
  constructor(name: string, message: string, code: string, options?: ErrorOptions) {
    super(code, message, options)
    this.name = name
  }
}

/** The same for a step that threw a `TerminalError`: no further attempt can mend it. */
export class RecordedTerminalError extends TerminalError {
  constructor(name: string, message: string, code: string, options?: ErrorOptions) {
    super(message, { ...options, code })
    this.name = name
  }
}

/** Something was called on the context of an attempt that is over. */
export class AttemptClosedError extends BusError {
  constructor(action: string, messageId: string, attempt: number) {
    super(
      'attempt_closed',
      `${action}: attempt ${attempt} of ${messageId} is over; await all work inside the handler`,
    )
  }
}

/** A handler asked for a second way forward; a settlement does exactly one thing. */
export class AlreadyHandedOffError extends BusError {
  constructor(messageId: string, first: string) {
    super(
      'already_handed_off',
      `${messageId} was already handed off to '${first}': a handler hands off once, or fans out once, or replies once`,
    )
  }
}

/** A handler wants a way forward that is not open to it: another attempt would find it closed too. */
export class NoWayError extends TerminalError {
  constructor(message: string) {
    super(message, { code: 'no_way' })
  }
}

/** An ask has no reply: nobody could give one, nobody did, or not in time. */
export class AskError extends TerminalError {
  constructor(code: string, message: string) {
    super(message, { code })
  }
}

/** Nobody waits for a delivery any more: its join has closed, or whoever asked is done. */
export class CancelledError extends BusError {
  constructor(deliveryId: string, why: string) {
    super('cancelled', `${deliveryId} is cancelled: ${why}`)
  }
}

/** A handler did not end in time. The attempt failed; another may follow. */
export class DeliveryTimeoutError extends BusError {
  constructor(role: string, timeoutMs: number) {
    super(
      'delivery_timeout',
      `'${role}' did not finish within ${timeoutMs} ms: make it faster or raise deliveryTimeoutMs`,
    )
  }
}

/** The run ended while something of it was under way: cancelled, timed out, over budget, failed. */
export class RunEndedError extends BusError {
  constructor(runId: string, status: string, reason?: string) {
    super('run_ended', `run ${runId} is ${status}${reason === undefined ? '' : `: ${reason}`}`)
  }
}

/** No room for another live run, and the bus is set to refuse rather than wait. */
export class BusFullError extends BusError {
  constructor(liveRuns: number) {
    super(
      'bus_full',
      `${liveRuns} runs are live, which is the limit: wait for one, or raise liveRuns`,
    )
  }
}

/** The bus drains or is closed and takes no new work. */
export class BusClosedError extends BusError {
  constructor(state: 'draining' | 'closed') {
    super('bus_closed', `the bus is ${state}: create another one for new runs`)
  }
}

/** Two subscriptions want to play one role. */
export class RoleTakenError extends BusError {
  constructor(role: string) {
    super('role_taken', `role '${role}' is already played: dispose the other subscription first`)
  }
}

/** Another owner holds the run: its journal refused an append, or to renew the lease. */
export class StaleEpochError extends BusError {
  constructor(runId: string, epoch: number) {
    super(
      'stale_epoch',
      `run ${runId} is no longer held with epoch ${epoch}: another owner took it, and goes on with it`,
    )
  }
}

/** The journal refused a batch that would break one of its rules. Nothing of it was stored. */
export class JournalConflictError extends BusError {
  constructor(runId: string, message: string) {
    super('journal_conflict', `run ${runId}: ${message}`)
  }
}

/** The journal could not take records: the run stops here and can be resumed from its last record. */
export class JournalError extends BusError {
  constructor(runId: string, cause: unknown) {
    super('journal_failed', `run ${runId} stopped, the journal failed: ${describe(cause)}`, {
      cause,
    })
  }
}

/** The transport could not take a message: the run stops here and can be resumed. */
export class TransportError extends BusError {
  constructor(messageId: string, cause: unknown) {
    super('transport_failed', `message ${messageId} was not sent: ${describe(cause)}`, { cause })
  }
}

/** A step waited too long for a model, an ask or a person. */
export class WaitTimeoutError extends TerminalError {
  constructor(
    step: string,
    timeoutMs: number,
    message = `step '${step}' got no answer within ${timeoutMs} ms: raise its timeout or look why`,
  ) {
    super(message, { code: 'wait_timeout' })
  }
}

/** A record was written by a newer version than this one can read. */
export class NewerVersionError extends BusError {
  constructor(runId: string, version: number, known: number) {
    super(
      'newer_version',
      `run ${runId} was recorded in format version ${version}, this is for version ${known}: update nanoagent`,
    )
  }
}

/** The journal does not offer what it was asked for. */
export class JournalFeatureError extends BusError {
  constructor(feature: string, required: string, offered: string) {
    super(
      'journal_feature',
      `the journal offers ${feature} '${offered}', but '${required}' is required: choose another journal`,
    )
  }
}

/** No run of the journal is meant by what it was called. */
export class UnknownRunError extends BusError {
  constructor(ref: string, why = 'list its runs for their ids') {
    super('unknown_run', `the journal has no run '${ref.slice(0, 80)}': ${why}`)
  }
}

/** Several runs are called so. */
export class AmbiguousRunError extends BusError {
  /** Some of their ids, newest first. */
  readonly candidates: readonly string[]

  constructor(ref: string, candidates: readonly string[]) {
    const named = candidates.slice(0, 3)
    const others = candidates.length > named.length ? ' and others' : ''
    super(
      'ambiguous_run',
      `several runs begin with '${ref}', ${named.join(', ')}${others}: write more of the id`,
    )
    this.candidates = candidates
  }
}

/** What is wrong with a journal's file, or with the file of its key. */
export type JournalFileProblem =
  | 'journal_not_found'
  | 'journal_exists'
  | 'not_a_journal'
  | 'newer_journal'
  | 'journal_locked'
  | 'journal_full'
  | 'journal_read_only'
  | 'journal_damaged'
  | 'journal_io'
  | 'journal_closed'
  | 'no_journal_key'
  | 'wrong_journal_key'

/** The file of a journal, or of its key, cannot be used. What is in it is as it was. */
export class JournalFileError extends BusError {
  declare readonly code: JournalFileProblem
  /** The file that it is about. */
  readonly path: string

  constructor(code: JournalFileProblem, path: string, message: string, options?: ErrorOptions) {
    super(code, `${path}: ${message}`, options)
    this.path = path
  }
}

/** The code of a `SecretValueError`. */
export const NO_SECRET_VALUE = 'no_secret_value'

/** A secret was read from a journal without the journal's key: its value is not at hand. */
export class SecretValueError extends BusError {
  constructor(handle: string) {
    super(
      NO_SECRET_VALUE,
      `${handle} has no value here: it was read without the key of its journal, or exported without secrets`,
    )
  }
}

/** A run cannot be resumed: nobody knows it, somebody else has it, or it has ended. */
export class NotResumableError extends BusError {
  constructor(runId: string, why: string) {
    super('not_resumable', `run ${runId} cannot be resumed: ${why}`)
  }
}

/** A run cannot be forked: nobody knows it, or it has not what the fork is to begin with. */
export class NotForkableError extends BusError {
  constructor(runId: string, why: string) {
    super('not_forkable', `run ${runId} cannot be forked: ${why}`)
  }
}

/** A run cannot be exported, since nobody could read that. */
export class NotExportableError extends BusError {
  constructor(runId: string, why: string) {
    super('not_exportable', `run ${runId} cannot be exported: ${why}`)
  }
}

/** No message of the run is meant by what was given. */
export class UnknownMessageError extends BusError {
  constructor(runId: string, ref: string) {
    super(
      'unknown_message',
      `run ${runId} has no message '${ref.slice(0, 80)}': read the run for the ids of its messages`,
    )
  }
}

/** Several messages of the run may be meant. */
export class AmbiguousMessageError extends BusError {
  /** Their ids, in journal order. */
  readonly candidates: readonly string[]

  constructor(runId: string, ref: string, candidates: readonly string[]) {
    const named = candidates.slice(0, 3).map((id) => id.slice(runId.length))
    const others = candidates.length > named.length ? ' and others' : ''
    super(
      'ambiguous_message',
      `several messages end with '${ref.slice(0, 80)}', ${named.join(', ')}${others}: write more of the id`,
    )
    this.candidates = candidates
  }
}

/** A run cannot be replayed: its records are not there, or are those of another team. */
export class NotReplayableError extends BusError {
  /** Why, without the run. */
  readonly reason: string

  constructor(runId: string | undefined, reason: string) {
    super('not_replayable', `run ${runId ?? '(none)'} cannot be replayed: ${reason}`)
    this.reason = reason
  }
}

/** A rehearsed handler asked for what is not in the record, and what nobody can give it now. */
export class NotRecordedError extends TerminalError {
  constructor(what: string, next: string) {
    super(`${what} is not in the record: ${next}`, { code: 'not_recorded' })
  }
}

/** The message of anything thrown, in one line, after `redact` has seen it whole. Never throws. */
export function describe(error: unknown, redact = (text: string) => text): string {
  let text: string
  try {
    text = String(error instanceof Error ? error.message : error)
  } catch {
    text = 'an error that cannot be shown as text'
  }
  return (
    redact(text)
      .replace(/\s*\n\s*/g, ' ')
      .trim() || 'no message'
  )
}
