/** Marks a SQLite file as a journal: `nano`. */
export const APPLICATION_ID = 0x6e616e6f

/** Each step leads from the schema version of its place, from 0, to the next one. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

  /* Who shares the file: one row for each journal that is open for writing. */
  CREATE TABLE processes (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    host TEXT NOT NULL, boot TEXT NOT NULL, space TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
    lease_ms INTEGER NOT NULL, renewed_at INTEGER NOT NULL, renewed_up INTEGER NOT NULL
  );

  /* All but the holder is a reading of the records. Free where the owner is null. */
  CREATE TABLE runs (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL, opened_at INTEGER NOT NULL, ended_at INTEGER, thread TEXT, team TEXT,
    epoch INTEGER NOT NULL, owner TEXT, process INTEGER
  );
  CREATE INDEX runs_by_status ON runs (status, n) WHERE status <> 'completed';
  CREATE INDEX runs_by_time ON runs (opened_at);
  CREATE INDEX runs_by_thread ON runs (thread, n) WHERE thread IS NOT NULL;
  CREATE INDEX runs_by_team ON runs (team, n) WHERE team IS NOT NULL;

  /* One row for each append, by the number of its last record: a JSON array of records. */
  CREATE TABLE batches (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, records TEXT NOT NULL
  );
  CREATE INDEX batches_by_run ON batches (run, seq);

  /* Large pieces of steps, each stored once, and the runs that they are in. */
  CREATE TABLE parts (n INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
  CREATE TABLE part_uses (
    run INTEGER NOT NULL, part INTEGER NOT NULL, PRIMARY KEY (run, part)
  ) WITHOUT ROWID;
  CREATE INDEX part_uses_by_part ON part_uses (part);

  /* Memory records, by number. Their values are nowhere else; null where they are forgotten. */
  CREATE TABLE memories (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    run INTEGER NOT NULL,
    scope TEXT NOT NULL, thread TEXT, role TEXT NOT NULL, key TEXT NOT NULL,
    record TEXT NOT NULL, value TEXT,
    is_latest INTEGER NOT NULL
  );
  CREATE INDEX memories_by_key ON memories (scope, key, seq);
  CREATE INDEX memories_by_run ON memories (run);
  CREATE VIRTUAL TABLE memory_words USING fts5(scope, words, tokenize = 'ascii');
  INSERT INTO memory_words (memory_words, rank) VALUES ('secure-delete', 1);

  /* Runs that were deleted. Their ids stay taken. */
  CREATE TABLE pruned (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, opened_at INTEGER NOT NULL, pruned_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE runs ADD COLUMN forked_from TEXT;
  CREATE INDEX runs_by_parent ON runs (forked_from, n) WHERE forked_from IS NOT NULL;
  `,
]

/** The schema version that this code writes. */
export const SCHEMA_VERSION = MIGRATIONS.length
