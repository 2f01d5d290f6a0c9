import { EventEmitter } from 'eventemitter3'
import { Admission } from './admission.ts'
import type { Bus, BusOptions, DrainReport, PublishOptions, ResumeOptions } from './bus.ts'
import type { BusCore } from './bus-core.ts'
import type { DeepReadonly } from './data.ts'
import { toData } from './data.ts'
import { DEFAULTS } from './defaults.ts'
import {
  BusClosedError,
  BusFullError,
  describe,
  InvalidOptionError,
  JournalError,
  NotForkableError,
  NotResumableError,
  RoleTakenError,
  RunEndedError,
  StaleEpochError,
} from './errors.ts'
import { type ForkOptions, forkedRecords } from './fork/fork.ts'
import { Gate } from './gate.ts'
import { type Journal, type Lease, requireFeatures } from './journal.ts'
import { createMemoryJournal } from './journals/memory.ts'
import { LiveRun } from './live-run.ts'
import { harmless, type Logger, logRecord } from './logger.ts'
import type { Mailbox } from './mailbox.ts'
import { COORDINATOR, draftMessage, type MessageDraft } from './message.ts'
import type { InputOf, MessageType } from './message-type.ts'
import { assertRunId } from './paths.ts'
import { type JournalRecord, RECORD_VERSION } from './records.ts'
import { readOpenRun } from './recovery.ts'
import { Registry } from './registry.ts'
import { Role, type Subscriber } from './role.ts'
import { endedRun, endOf, type Run } from './run.ts'
import { runLimits } from './run-limits.ts'
import { type Runtime, systemRuntime } from './runtime.ts'
import { threadName } from './thread.ts'
import { type Timer, Timers } from './timers.ts'
import { createLocalTransport, type Transport } from './transport.ts'

/** The bus: publishers and subscribers on one side, live runs and their journal on the other. */
export class EventBus implements Bus, BusCore {
  readonly journal: Journal
  readonly transport: Transport
  readonly runtime: Runtime
  readonly timers: Timers
  readonly gate = new Gate()
  readonly logger: Logger | undefined
  readonly #owner: string
  readonly #admission: Admission
  readonly #whenFull: 'wait' | 'refuse'
  readonly #roles = new Map<string, Role>()
  readonly #listeners = new Map<string, Role>()
  /** By the types that they get copies of. */
  #listenersByType: ReadonlyMap<string, readonly Role[]> = new Map()
  readonly #listenerGraceMs: number
  /** Runs that have ended, and whose listeners have not. */
  readonly #lingering = new Map<string, { readonly run: LiveRun; readonly grace: Timer }>()
  /** By role; they stay when the role is handed over. */
  readonly #mailboxes = new Map<string, Mailbox>()
  readonly #subscriptions = new Set<Disposable>()
  readonly #runs = new Registry<LiveRun>()
  /** Runs that wait for a place. */
  readonly #waiting = new Map<string, LiveRun>()
  readonly #records = new EventEmitter<{ record: [JournalRecord] }>()
  readonly #idle: (() => void)[] = []
  #renewal: Timer | undefined
  #closing: Promise<void> | undefined
  #state: 'open' | 'draining' | 'closed' = 'open'

  constructor(options: BusOptions) {
    this.runtime = options.runtime ?? systemRuntime
    this.journal = options.journal ?? createMemoryJournal({ runtime: this.runtime })
    requireFeatures(this.journal.features, options.requires ?? {})
    this.transport = options.transport ?? createLocalTransport()
    this.timers = new Timers(this.runtime)
    this.logger = options.logger === undefined ? undefined : harmless(options.logger)
    this.#owner = this.runtime.newId()
    this.#admission = new Admission(options.liveRuns ?? DEFAULTS.liveRuns)
    this.#whenFull = options.whenFull ?? 'wait'
    this.#listenerGraceMs = options.listenerGraceMs ?? DEFAULTS.listenerGraceMs
    if (!(this.#listenerGraceMs >= 0 && Number.isFinite(this.#listenerGraceMs))) {
      throw new InvalidOptionError('listenerGraceMs', this.#listenerGraceMs, 'milliseconds from 0')
    }
    const { logger } = this
    if (logger !== undefined) this.observe((record) => logRecord(logger, record))
  }

  get roles(): readonly string[] {
    return [...this.#roles.keys()]
  }

  role(name: string): Role | undefined {
    return this.#roles.get(name)
  }

  listener(name: string): Role | undefined {
    return this.#listeners.get(name)
  }

  listenersOf(type: string): readonly Role[] {
    return this.#listenersByType.get(type) ?? NOBODY
  }

  subscribe<T extends MessageType>(role: string, subscriber: Subscriber<T>): Disposable
  subscribe(name: string, subscriber: Subscriber<MessageType>): Disposable {
    return this.#play(name, subscriber, this.#roles)
  }

  listen<T extends MessageType>(name: string, listener: Subscriber<T>): Disposable
  listen(name: string, listener: Subscriber<MessageType>): Disposable {
    const playing = this.#play(name, listener, this.#listeners)
    this.#sortListeners()
    return playing
  }

  #play(name: string, subscriber: Subscriber<MessageType>, among: Map<string, Role>): Disposable {
    this.#assertNotClosed()
    if (name === COORDINATOR || !/^[^@/\s]+$/.test(name)) {
      throw new InvalidOptionError(
        'role',
        `'${name}'`,
        `a name other than '${COORDINATOR}', without spaces, '@' and '/'`,
      )
    }
    if (this.#roles.has(name) || this.#listeners.has(name)) throw new RoleTakenError(name)
    const role = new Role(name, subscriber, this.#mailboxes.get(name))
    this.#mailboxes.set(name, role.mailbox)
    among.set(name, role)
    const receiving = this.transport.receive(name, ({ runId, id }) => {
      const run = this.#runs.get(runId) ?? this.#lingering.get(runId)?.run
      run?.receive(id)
    })
    return this.#disposable(subscriber.signal, () => {
      receiving[Symbol.dispose]()
      among.delete(name)
      this.#sortListeners()
      if (this.#state === 'closed') return
      for (const run of this.#runs.values()) run.orphan(name)
    })
  }

  #sortListeners(): void {
    const byType = new Map<string, Role[]>()
    for (const listener of this.#listeners.values()) {
      for (const type of listener.accepted) {
        byType.set(type, [...(byType.get(type) ?? []), listener])
      }
    }
    this.#listenersByType = byType
  }

  publish<T extends MessageType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options: PublishOptions,
  ): Run {
    this.#assertOpen()
    const { terminal, runId = this.runtime.newId(), thread, signal } = options
    assertRunId(runId)
    if (this.#runs.get(runId) !== undefined || this.#waiting.has(runId)) {
      throw new InvalidOptionError('the run id', `'${runId}'`, 'an id that no live run has')
    }
    if (this.#admission.isFull && this.#whenFull === 'refuse')
      throw new BusFullError(this.#runs.size)
    const opening = {
      kind: 'run.opened' as const,
      version: RECORD_VERSION,
      runId,
      at: 0,
      terminal: terminal.name,
      limits: runLimits(options),
      seed: Math.floor(this.runtime.random() * 2 ** 32),
      about: options.about === undefined ? NOTHING : toData(options.about),
      seq: 0,
    }
    const run = new LiveRun(
      this,
      thread === undefined ? opening : { ...opening, thread: threadName(thread) },
      { runId, epoch: 1, owner: this.#owner },
    )
    const place = { id: runId, runId, from: COORDINATOR, to }
    const root = draftMessage(place, type, data, options, run)
    if (this.#admission.tryEnter()) this.#open(run, root)
    else this.#wait(run, root)
    if (signal !== undefined) cancelOn(signal, run)
    return run
  }

  observe(
    listener: (record: JournalRecord) => unknown,
    options: { readonly runId?: string; readonly signal?: AbortSignal } = {},
  ): Disposable {
    this.#assertNotClosed()
    const { runId, signal } = options
    const failed = (error: unknown) => {
      this.logger?.warn({ error: describe(error) }, 'an observer failed')
    }
    const guarded = (record: JournalRecord) => {
      if (runId !== undefined && record.runId !== runId) return
      try {
        const result = listener(record)
        if (result instanceof Promise) result.catch(failed)
      } catch (error) {
        failed(error)
      }
    }
    this.#records.on('record', guarded)
    return this.#disposable(signal, () => this.#records.off('record', guarded))
  }

  async resume(runId: string, options: ResumeOptions = {}): Promise<Run> {
    this.#assertOpen()
    if (this.#runs.get(runId) !== undefined) throw new NotResumableError(runId, 'this bus runs it')
    const lease = await this.journal.acquire(runId, this.#owner)
    if (lease === undefined) {
      throw new NotResumableError(runId, 'the journal does not know it, or another owner runs it')
    }
    return this.#goOn(lease, options)
  }

  async fork(runId: string, options: ForkOptions): Promise<Run> {
    this.#assertOpen()
    const { runId: forkId = this.runtime.newId(), signal } = options
    assertRunId(forkId)
    const records = await Array.fromAsync(this.journal.read({ runId }))
    if (records.length === 0) throw new NotForkableError(runId, 'the journal does not know it')
    const batch = forkedRecords(records, options, {
      runId: forkId,
      at: this.runtime.now(),
      typeOf: (role, name) => (this.role(role) ?? this.listener(role))?.type(name),
    })
    const lease = { runId: forkId, epoch: 1, owner: this.#owner }
    const stored = await this.journal.append(batch, lease)
    const end = endOf(stored)
    this.observed(stored)
    if (end !== undefined) return endedRun(end)
    return this.#goOn(lease, signal === undefined ? {} : { signal })
  }

  /** Goes on with a run that this bus holds; gives it back where it cannot. */
  async #goOn(lease: Lease, options: ResumeOptions): Promise<Run> {
    const { signal, reopen = false, ...limits } = options
    const { runId } = lease
    try {
      const open = await readOpenRun(this.journal, lease, (role, type) =>
        (this.role(role) ?? this.listener(role))?.type(type),
      )
      if (open === undefined) throw new NotResumableError(runId, 'the journal does not know it')
      const status = open.ended?.status
      if (status === 'completed' || (status !== undefined && !reopen)) {
        throw new NotResumableError(runId, `it has ended and is ${status}`)
      }
      const opening = { ...open.opening, limits: runLimits({ ...open.opening.limits, ...limits }) }
      await this.#admit()
      const run = new LiveRun(this, opening, lease)
      this.#enter(run)
      await run.reown(open)
      if (signal !== undefined) cancelOn(signal, run)
      return run
    } catch (error) {
      await this.journal.release(lease)
      throw error
    }
  }

  async drain(options: { readonly timeoutMs?: number } = {}): Promise<DrainReport> {
    if (this.#state === 'open') this.#state = 'draining'
    for (const run of [...this.#waiting.values()]) {
      run.cancel('the bus is draining: nothing new is begun')
    }
    const live = this.#runs.values()
    if (!this.#isIdle) {
      const { timeoutMs } = options
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#idle.push(resolve)
      const deadline = timeoutMs === undefined ? undefined : this.timers.after(timeoutMs, resolve)
      await promise
      deadline?.cancel()
    }
    const left = live
      .filter(({ hasEnded }) => !hasEnded)
      .map(({ id, unsettled }) => ({ runId: id, messages: unsettled }))
    return { isDrained: left.length === 0, left }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#state = 'closed'
    // Those that wait come first, or they would be opened in the places of the others.
    const runs = [...this.#waiting.values(), ...this.#runs.values()]
    for (const run of runs) run.abandon(new BusClosedError('closed'))
    if (this.#lingering.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    for (const subscription of [...this.#subscriptions]) subscription[Symbol.dispose]()
    this.timers.clear()
    await Promise.all(runs.map((run) => run.released))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  observed(records: readonly JournalRecord[]): void {
    if (this.#records.listenerCount('record') === 0) return
    for (const record of records) this.#records.emit('record', Object.freeze(record))
  }

  left(run: LiveRun): void {
    if (this.#waiting.get(run.id) === run) this.#waiting.delete(run.id)
    if (this.#runs.get(run.id) !== run) return
    this.#runs.remove(run.id)
    this.#admission.leave()
    if (run.isListenedTo) this.#linger(run)
    if (this.#runs.size > 0) return
    this.#renewal?.cancel()
    this.#renewal = undefined
    this.#rest()
  }

  unlistened(run: LiveRun): void {
    const lingering = this.#lingering.get(run.id)
    if (lingering?.run !== run) return
    lingering.grace.cancel()
    this.#lingering.delete(run.id)
    this.#rest()
  }

  /** Lets the listeners of a run that has ended go on for a while. */
  #linger(run: LiveRun): void {
    const grace = this.timers.after(this.#listenerGraceMs, () => {
      run.dropCopies(new RunEndedError(run.id, 'over, and so is the grace of its listeners'))
    })
    this.#lingering.set(run.id, { run, grace })
  }

  get #isIdle(): boolean {
    return this.#runs.size === 0 && this.#lingering.size === 0
  }

  #rest(): void {
    if (this.#isIdle) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #open(run: LiveRun, root: MessageDraft): void {
    this.#enter(run)
    run.open(root)
  }

  /** Opens a run when there is a place for it, unless it was cancelled meanwhile. */
  #wait(run: LiveRun, root: MessageDraft): void {
    this.#waiting.set(run.id, run)
    this.#admission.enter(() => {
      if (this.#waiting.get(run.id) === run) this.#waiting.delete(run.id)
      if (run.isWaiting) this.#open(run, root)
      else this.#admission.leave()
    })
  }

  /** A run lives here from now on. */
  #enter(run: LiveRun): void {
    this.#runs.add(run.id, run)
    const { leaseMs } = this.journal.features
    if (leaseMs !== undefined && this.#renewal === undefined) this.#renewEvery(leaseMs / 3)
  }

  /** Renews the leases of the runs that live here, as long as there are any. */
  #renewEvery(intervalMs: number): void {
    this.#renewal = this.timers.after(intervalMs, () => {
      for (const run of this.#runs.values()) void this.#renew(run)
      this.#renewEvery(intervalMs)
    })
  }

  async #renew(run: LiveRun): Promise<void> {
    const { lease } = run
    try {
      if (await this.journal.renew(lease)) run.renewedAt = this.runtime.elapsed()
      else run.abandon(new StaleEpochError(run.id, lease.epoch))
    } catch (error) {
      this.logger?.warn({ runId: run.id, error: describe(error) }, 'the lease was not renewed')
      const { leaseMs = 0 } = this.journal.features
      if (this.runtime.elapsed() - run.renewedAt >= leaseMs) {
        run.abandon(new JournalError(run.id, error))
      }
    }
  }

  /** Waits for a place among the live runs. Gives it back where the bus is no longer open by then. */
  async #admit(): Promise<void> {
    await new Promise<void>((resolve) => this.#admission.enter(resolve))
    try {
      this.#assertOpen()
    } catch (error) {
      this.#admission.leave()
      throw error
    }
  }

  #assertOpen(): void {
    if (this.#state !== 'open') throw new BusClosedError(this.#state)
  }

  #assertNotClosed(): void {
    if (this.#state === 'closed') throw new BusClosedError('closed')
  }

  #disposable(signal: AbortSignal | undefined, dispose: () => void): Disposable {
    const subscription: Disposable = {
      [Symbol.dispose]: () => {
        if (!this.#subscriptions.delete(subscription)) return
        signal?.removeEventListener('abort', onAbort)
        dispose()
      },
    }
    const onAbort = () => subscription[Symbol.dispose]()
    this.#subscriptions.add(subscription)
    if (signal?.aborted === true) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
    return subscription
  }
}

const NOBODY: readonly Role[] = Object.freeze([])

const NOTHING: DeepReadonly<Record<string, unknown>> = Object.freeze({})

function cancelOn(signal: AbortSignal, run: Run): void {
  const cancel = () => run.cancel(`cancelled: ${describe(signal.reason)}`)
  if (signal.aborted) {
    cancel()
    return
  }
  signal.addEventListener('abort', cancel, { once: true })
  const forget = () => signal.removeEventListener('abort', cancel)
  run.result.then(forget, forget)
}
