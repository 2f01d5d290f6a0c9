import type { DeliveryContext } from '../../delivery-context.ts'
import { StaleEpochError } from '../../errors.ts'
import type { Lease } from '../../journal.ts'
import type { MessageOf } from '../../message.ts'
import type { JournalRecord, RecordDraft } from '../../records.ts'
import { wrapJournal } from '../wrap-journal.ts'
import { type Probe, Told, type Work } from './messages.ts'
import type { Sabotage } from './sabotage.ts'

/** Calls the handler once more when the journal has its settlement. */
export function handleAgain(): Sabotage {
  const handlers = new Map<string, () => unknown>()
  return {
    journal: (journal) =>
      wrapJournal(journal, {
        async append(batch, lease) {
          const records = await journal.append(batch, lease)
          for (const record of records) {
            if (record.kind === 'settle') handlers.get(record.messageId)?.()
          }
          return records
        },
      }),
    subscriber: (subscriber) => ({
      ...subscriber,
      handle(message: MessageOf<typeof Work | typeof Probe>, context: DeliveryContext) {
        handlers.set(message.id, () => ignore(() => subscriber.handle(message, context)))
        return subscriber.handle(message, context)
      },
    }),
  }
}

/** Does more than what it is replayed on. */
export const sayMore: Sabotage = {
  subscriber: (subscriber) => ({
    ...subscriber,
    handle(message: MessageOf<typeof Work | typeof Probe>, context: DeliveryContext) {
      context.log('more')
      return subscriber.handle(message, context)
    },
  }),
}

async function ignore(run: () => unknown): Promise<void> {
  try {
    await run()
  } catch {
    // Its context is closed, which is not what is to be shown here.
  }
}

/** Drops the settlement from every batch that also publishes. */
export const loseSettlements: Sabotage = {
  journal: (journal) =>
    wrapJournal(journal, {
      append: (batch, lease) =>
        journal.append(
          batch.some(({ kind }) => kind === 'message')
            ? batch.filter(({ kind }) => kind !== 'settle')
            : batch,
          lease,
        ),
    }),
}

/** Lets a role handle two messages of a run at once, so that the later may overtake. */
export const swapOrder: Sabotage = {
  subscriber: (subscriber) => ({
    ...subscriber,
    perRunConcurrency: (subscriber.perRunConcurrency ?? 1) + 1,
  }),
}

/** Hides every second step from who reads a run, so that it is performed again. */
export const repeatSteps: Sabotage = {
  journal: (journal) =>
    wrapJournal(journal, {
      async *read(query): AsyncIterable<JournalRecord> {
        for await (const record of journal.read(query)) {
          if (record.kind !== 'step' || record.seq % 2 === 0) yield record
        }
      },
    }),
}

/** Acknowledges what is not stored yet. */
export const acknowledgeEarly: Sabotage = {
  journal: (journal) => {
    let seq = 0
    return wrapJournal(journal, {
      async append(batch, lease) {
        journal.append(batch, lease).catch(() => {})
        return batch.map((draft) => ({ ...draft, seq: ++seq }))
      },
    })
  },
}

/** Takes every append for one of whoever holds the run. */
export function acceptStaleEpochs(): Sabotage {
  const leases = new Map<string, Lease>()
  return {
    store: (journal) =>
      wrapJournal(journal, {
        async append(batch, lease) {
          try {
            const records = await journal.append(batch, lease)
            leases.set(lease.runId, lease)
            return records
          } catch (error) {
            const current = leases.get(lease.runId)
            if (!(error instanceof StaleEpochError) || current === undefined) throw error
            return journal.append(batch, current)
          }
        },
        async acquire(runId, owner) {
          const lease = await journal.acquire(runId, owner)
          if (lease !== undefined) leases.set(runId, lease)
          return lease
        },
      }),
  }
}

/** Alters what was replied, for who reads a run. */
export const alterReplies: Sabotage = {
  journal: (journal) =>
    wrapJournal(journal, {
      async *read(query): AsyncIterable<JournalRecord> {
        for await (const record of journal.read(query)) {
          yield record.kind === 'message' && record.message.type === Told.name
            ? { ...record, message: { ...record.message, data: { trail: 0 } } }
            : record
        }
      },
    }),
}

/** Leaves out the last result of each join. */
export const loseBranches: Sabotage = {
  journal: (journal) =>
    wrapJournal(journal, {
      append: (batch, lease) =>
        journal.append(
          batch.map((record) =>
            record.kind === 'message' && record.joined !== undefined
              ? {
                  ...record,
                  message: { ...record.message, data: withoutLast(record.message.data) },
                }
              : record,
          ),
          lease,
        ),
    }),
}

function withoutLast(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || !('branches' in data)) return data
  return Array.isArray(data.branches) ? { branches: data.branches.slice(0, -1) } : data
}

type Rewrite = (batch: readonly RecordDraft[], isCopy: boolean) => readonly RecordDraft[]

/** Alters what a fork stores: the copy of its run that it begins with, or what it does then. */
function inForks(rewrite: Rewrite): Sabotage {
  return {
    fork: (journal) =>
      wrapJournal(journal, {
        append: (batch, lease) =>
          journal.append(rewrite(batch, batch[0]?.kind === 'run.opened'), lease),
      }),
  }
}

const isInner = (record: RecordDraft) => record.kind === 'step' && record.step.length > 1

/** Leaves steps inside others out of what a fork is served. */
export const forkWithoutInnerSteps = inForks((batch, isCopy) =>
  isCopy ? batch.filter((record) => !isInner(record)) : batch,
)

/** Gives another reason why a fork has ended. */
export const endForksOtherwise = inForks((batch) =>
  batch.map((record) =>
    record.kind === 'run.ended' ? { ...record, reason: 'there was another one' } : record,
  ),
)

/** Forgets what the publisher of a fork's message has put there. */
export const forgetOriginals = inForks((batch) =>
  batch.map((record) => {
    if (record.kind !== 'message') return record
    const { original: _original, ...rest } = record
    return rest
  }),
)

/** Leaves what publishes nothing unsettled in forks. */
export const loseSettlementsInForks = inForks((batch, isCopy) =>
  isCopy || batch.some(({ kind }) => kind === 'message')
    ? batch
    : batch.filter(({ kind }) => kind !== 'settle'),
)

/** Hides `once` steps from who goes on with a fork. */
export const repeatOnceInForks: Sabotage = {
  fork: (journal) =>
    wrapJournal(journal, {
      async *read(query): AsyncIterable<JournalRecord> {
        let isFork = false
        for await (const record of journal.read(query)) {
          if (record.kind === 'run.opened') isFork = record.forkedFrom !== undefined
          if (!isFork || record.kind !== 'step' || record.idempotencyKey === undefined) yield record
        }
      },
    }),
}

/** Has no place for a fork. */
export const refuseForks = inForks(() => {
  throw new Error('there is no place for it')
})

/** Calls every replay identical. */
export const overlookDivergences: Sabotage = {
  replay: (replay) =>
    async function* (options) {
      for await (const { divergence: _divergence, ...delivery } of replay(options)) {
        yield delivery.status === 'diverged' ? { ...delivery, status: 'identical' } : delivery
      }
    },
}

/** Overlooks what is only in the second of two runs. */
export const overlookAdded: Sabotage = {
  diff: (diff) => (before, after) => {
    const found = diff(before, after)
    return { ...found, messages: found.messages.filter(({ kind }) => kind !== 'added') }
  },
}

/** Calls any two runs the same, while it tells what differs. */
export const callSame: Sabotage = {
  diff: (diff) => (before, after) => ({ ...diff(before, after), isSame: true }),
}
