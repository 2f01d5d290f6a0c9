import type { Journal } from '../journal.ts'

/** A journal that does all as the given one, but for what is replaced. */
export function wrapJournal(journal: Journal, replaced: Partial<Journal>): Journal {
  return {
    features: journal.features,
    append: (batch, lease) => journal.append(batch, lease),
    read: (query) => journal.read(query),
    follow: (query) => journal.follow(query),
    lastSeq: () => journal.lastSeq(),
    runs: (query) => journal.runs(query),
    memory: journal.memory,
    acquire: (runId, owner) => journal.acquire(runId, owner),
    renew: (lease) => journal.renew(lease),
    release: (lease) => journal.release(lease),
    close: () => journal.close(),
    [Symbol.asyncDispose]: () => journal[Symbol.asyncDispose](),
    ...replaced,
  }
}
