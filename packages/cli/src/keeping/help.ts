const JOURNAL = `
The journal is .nanoagent/journal.db in the working directory, unless --journal
or NANOAGENT_JOURNAL names another.
`

const EXITS = `
Exit status:
  0  it was done       2    wrong usage, or a file that is not as it should be
  1  it failed         130  interrupted
`

const PASSPHRASE = `The passphrase is NANOAGENT_PASSPHRASE, else it is asked for at the terminal.`

/** What `export --help` prints after the options. */
export const EXPORT_HELP = `
Examples:
  $ nanoagent export last > run.jsonl
  $ nanoagent export --status failed --since 1w -o failed.jsonl
  $ nanoagent export --all --with-secrets -o everything.jsonl

The first line says how it is written, the last one counts the records between
them. With -o --json prints one object: path, runs, records, withoutValue (how
many secrets have no value in the journal), neededRuns, lostMemories (how many
that were read nobody has any more) and memoriesLeft. The oldest run comes
first.

What a run has remembered goes along with it. Where it has read what others of
its thread remembered, it can be replayed from the file only if they are in it,
too: export says which. What runs have that were pruned does not go along, and
--all says how many memories that are: backup keeps them too.

Passwords are left out, unless they are sealed with --with-secrets (AES-256, key
by scrypt), which needs the key of the journal.
${PASSPHRASE}
${JOURNAL}${EXITS}`

/** What `import --help` prints after the options. */
export const IMPORT_HELP = `
Examples:
  $ nanoagent import run.jsonl
  $ ssh there nanoagent export last | nanoagent import -

Everything is checked before anything is stored: all runs of the file are
imported, or none. A run that the journal has, or had, is refused. A run that
has not ended can be resumed here.

What threads remember comes along. Which passwords were given is remembered by
fingerprints, made with the key of the journal that the runs come from: in one
with another key they match none, so such a password may be given again.
${PASSPHRASE}
${JOURNAL}${EXITS}`

/** What `prune --help` prints after the options. */
export const PRUNE_HELP = `
Examples:
  $ nanoagent prune --older-than 30d --dry-run
  $ nanoagent prune --keep 1000 --yes
  $ nanoagent prune --status failed,cancelled --older-than 1w

Of several options all must hold. A run that has not ended is never deleted;
what threads remember stays. Ids of runs that were deleted are not given again.
${JOURNAL}${EXITS}`

/** What `verify --help` prints after the options. */
export const VERIFY_HELP = `
Examples:
  $ nanoagent verify
  $ nanoagent verify --json | jq '.problems'
${JOURNAL}
What can be read of a damaged journal is checked too; runs and records are those
that could be.

Exit status:
  0  it is whole       1  it is not       2  wrong usage, or no journal
`

/** What `backup --help` prints after the options. */
export const BACKUP_HELP = `
Examples:
  $ nanoagent backup journal-2026-01-31.db

Passwords are sealed in the copy as they are in the journal: to read them there,
keep a copy of the journal's key too, the file journal.key beside it.
${JOURNAL}${EXITS}`
