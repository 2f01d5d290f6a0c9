export { type JournalOptions, openJournal } from './open-journal.ts'
export type { SqliteJournal } from './sqlite-journal.ts'
