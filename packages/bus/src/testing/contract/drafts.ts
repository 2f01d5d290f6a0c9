import type { Journal, Lease } from '../../journal.ts'
import type {
  MemoryRecord,
  RecordDraft,
  RunOpenedRecord,
  RunStatus,
  SettleRecord,
  StepRecord,
} from '../../records.ts'
import { RECORD_VERSION } from '../../records.ts'

/** The records of a run that is opened, with its root message. */
export function opening(runId: string, more: Partial<RunOpenedRecord> = {}): RecordDraft[] {
  return [
    {
      kind: 'run.opened',
      version: RECORD_VERSION,
      runId,
      at: 1,
      terminal: 'question.answered',
      limits: { maxHops: 32 },
      seed: 1,
      about: {},
      ...more,
    },
    message(runId, runId),
  ]
}

/** A message, with copies to these listeners. */
export function message(runId: string, id: string, ...copies: readonly string[]): RecordDraft {
  const envelope = {
    id,
    runId,
    type: 'question.asked',
    from: 'coordinator',
    to: 'worker',
    sentAt: 1,
    content: 'Handing off to Worker.',
    data: { text: 'x' },
    metadata: {},
  }
  const record = { kind: 'message', runId, at: 1, message: envelope } as const
  return copies.length === 0 ? record : { ...record, copies }
}

/** A line of the root's first attempt. */
export function log(runId: string, number: number): RecordDraft {
  const place = { runId, at: 1, messageId: runId, attempt: 1, role: 'worker' }
  return { kind: 'log', ...place, number, text: `line ${number}`, data: {} }
}

/** The first attempt at a message is settled. */
export function settle(
  runId: string,
  messageId: string,
  outcome: SettleRecord['outcome'] = 'done',
): RecordDraft {
  const place = { runId, at: 1, messageId, attempt: 1, role: 'worker' }
  return { kind: 'settle', ...place, outcome, published: [] }
}

/** The run is over. */
export function ending(runId: string, status: RunStatus = 'completed'): RecordDraft {
  const usage = { inputTokens: 0, outputTokens: 0, modelCalls: 0, toolCalls: 0 }
  return { kind: 'run.ended', runId, at: 1, status, usage }
}

/** The lease that opens a run, or a later one. */
export function leaseOf(runId: string, owner = 'me', epoch = 1): Lease {
  return { runId, epoch, owner }
}

/** Opens a run with its root message. */
export async function openRun(journal: Journal, runId: string, owner = 'me'): Promise<Lease> {
  const lease = leaseOf(runId, owner)
  await journal.append(opening(runId), lease)
  return lease
}

/** A step of the root's first attempt. */
export function step(
  runId: string,
  number: number,
  request: unknown,
  response: unknown,
): StepRecord {
  return {
    kind: 'step',
    runId,
    at: 1,
    messageId: runId,
    attempt: 1,
    step: [number],
    stepKind: 'effect',
    name: 'work',
    request,
    startedAt: 1,
    outcome: { type: 'response', response },
  }
}

/** The root has kept something; in a thread where one is named. */
export function memory(
  runId: string,
  number: number,
  {
    thread,
    ...kept
  }: Pick<MemoryRecord, 'key' | 'value'> & { readonly thread?: string | undefined },
): MemoryRecord {
  const place = { runId, at: 1, messageId: runId, attempt: 1, role: 'worker' }
  const inThread = thread === undefined ? {} : { thread }
  return { kind: 'memory', id: `${runId}/m${number}`, ...place, ...inThread, ...kept }
}
