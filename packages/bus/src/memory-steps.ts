import type { DeepReadonly } from './data.ts'
import type { RunMemory } from './fork/fork-memory.ts'
import type { MemoryScope } from './journal.ts'
import { quiet } from './quiet.ts'
import type { MemoryRecord, StepRecord } from './records.ts'
import type { Secret } from './secret.ts'
import type { StepOptions } from './steps.ts'

/** Most memories that one search finds. */
const MOST_FOUND = 100

/** A memory that a search has found. */
export interface FoundMemory {
  readonly key: string
  readonly value: DeepReadonly<unknown>
}

/**
 * What a role remembers of its thread; in a run without a thread, what it has kept in the run. A read is
 * a step that records which memory it found, not what is in it.
 */
export interface DeliveryMemory extends MemoryReads {
  /** Gives a key a value, JSON with secrets in it, when the handler has succeeded. */
  set(key: string, value: unknown): void
}

/** What can be asked of memory. */
export interface MemoryReads {
  /** The value that a key has now, in this attempt perhaps since `set`; `undefined` where it has none. */
  get(key: string): Promise<DeepReadonly<unknown>>
  /**
   * Memories from before this attempt that hold every word of the text, each as the beginning of a word,
   * whatever its case and accents; newest first. `limit` is at most 100, which is the default.
   */
  search(text: string, options?: { readonly limit?: number }): Promise<readonly FoundMemory[]>
  /**
   * A name for a secret's value that tells nothing of it and is the same for the same value in every
   * run of the journal: to recognise a value without keeping it.
   */
  fingerprint(secret: Secret): Promise<string>
}

/** What a delivery reads memory with. */
export interface MemoryHost {
  readonly scope: MemoryScope
  readonly runMemory: RunMemory
  assertOpen(action: string): void
  step<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>>
  /** What the attempt has given a key itself. */
  writtenAs(key: string): MemoryRecord | undefined
  /** The memory is at hand from now on. */
  remember(record: MemoryRecord): void
  /** One that is at hand; `undefined` where it was forgotten since it was read. */
  remembered(id: string): MemoryRecord | undefined
}

/** Reads memory in steps. */
export function readsInSteps(host: MemoryHost): MemoryReads {
  return {
    get: (key) => quiet(get(host, key)),
    search: (text, { limit = MOST_FOUND } = {}) => quiet(search(host, text, limit)),
    fingerprint: (secret) =>
      quiet(
        host.step({
          kind: 'memory',
          name: 'fingerprint',
          request: { secret },
          perform: () => host.runMemory.fingerprint(secret.reveal()),
        }),
      ),
  }
}

async function get(host: MemoryHost, key: string): Promise<DeepReadonly<unknown>> {
  host.assertOpen('memory.get')
  const written = host.writtenAs(key)
  if (written !== undefined) return written.value
  const id = await host.step<string | null>({
    kind: 'memory',
    name: 'get',
    request: { key },
    perform: async () => (await found(host, key))?.id ?? null,
  })
  return id === null ? undefined : host.remembered(id)?.value
}

async function search(
  host: MemoryHost,
  text: string,
  limit: number,
): Promise<readonly FoundMemory[]> {
  const ids = await host.step<string[]>({
    kind: 'memory',
    name: 'search',
    request: { text, limit },
    perform: async () => (await allFound(host, text, limit)).map(({ id }) => id),
  })
  return ids
    .map((id) => host.remembered(id))
    .filter((record) => record !== undefined)
    .map(({ key, value }) => ({ key, value }))
}

/** Reads memory inside a step, whose record says what came of it. */
export function readsInsideStep(host: MemoryHost): MemoryReads {
  return {
    get: async (key) => (host.writtenAs(key) ?? (await found(host, key)))?.value,
    search: async (text, { limit = MOST_FOUND } = {}) =>
      (await allFound(host, text, limit)).map(({ key, value }) => ({ key, value })),
    fingerprint: async (secret) => host.runMemory.fingerprint(secret.reveal()),
  }
}

async function found(host: MemoryHost, key: string): Promise<MemoryRecord | undefined> {
  const record = await host.runMemory.get(host.scope, key)
  if (record !== undefined) host.remember(record)
  return record
}

async function allFound(
  host: MemoryHost,
  text: string,
  limit: number,
): Promise<readonly MemoryRecord[]> {
  const most = Math.max(0, Math.min(MOST_FOUND, Math.floor(limit)))
  const records = await host.runMemory.search(host.scope, text, most)
  for (const record of records) host.remember(record)
  return records
}

/** Whether a step has taken a fingerprint. */
export function isFingerprint({ stepKind, name }: Pick<StepRecord, 'stepKind' | 'name'>): boolean {
  return stepKind === 'memory' && name === 'fingerprint'
}

/** Ids of the memories that a step has read. */
export function memoriesRead(step: StepRecord): readonly string[] {
  const { stepKind, outcome } = step
  if (stepKind !== 'memory' || isFingerprint(step) || outcome.type !== 'response') return []
  const { response } = outcome
  const ids: readonly unknown[] = Array.isArray(response) ? response : [response]
  return ids.filter((id) => typeof id === 'string')
}
