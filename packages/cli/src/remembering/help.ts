const JOURNAL = `
The journal is .nanoagent/journal.db in the working directory, unless --journal
or NANOAGENT_JOURNAL names another. Secrets are shown by their names, such as
secret:….
`

const EXITS = `
Exit status:
  0  it was done       2  wrong usage, no such memory, or no journal to read
`

/** What `threads --help` prints after the options. */
export const THREADS_HELP = `
Examples:
  $ nanoagent threads
  $ nanoagent chat --thread work       # go on with one
  $ nanoagent runs --thread work       # what was done in it

Runs of a thread share what their agents remember. Runs that were pruned are not
counted; what they remembered is. With --json each thread is one line of JSON
(times in epoch milliseconds).
${JOURNAL}${EXITS}`

/** What `memory --help` prints after the options. */
export const MEMORY_HELP = `
Examples:
  $ nanoagent memory list
  $ nanoagent memory list --thread chat --text "bank"
  $ nanoagent memory show "preference bank form"
  $ nanoagent memory forget "preference bank form"
  $ nanoagent memory forget --thread work --yes

Without a word it lists. A memory is named by its key, or by its id, which
--json has. Of a password that was given an agent remembers a fingerprint, as
the key "given …": an HMAC with the key of the journal, and not the password.
A list counts them, unless --all or --json is given.

Forgetting erases values, their earlier ones too. It lists the runs whose model
requests quote them: these stay as they are until the runs are pruned. With
--json each memory is one line of JSON (times in epoch milliseconds).
${JOURNAL}${EXITS}`
