/** What `fork --help` prints after the options. */
export const FORK_HELP = `
Examples:
  $ nanoagent show last                 # which messages does it have?
  $ nanoagent fork last --at .h --set length=32
  $ nanoagent fork last --at .h --edit  # in your editor
  $ nanoagent fork V1StGXR8 --at . --data request.json
  $ nanoagent fork last --at .h.h --model gpt-4.1
  $ nanoagent diff last~1 last          # what became different

A message is meant by its id, by its path in the run (. is the request), or by
an end of its id. Its new data is checked by its type. What it has not led to is
served from the record; what it leads to runs anew. The run that is forked, and
its thread, stay as they are: a fork knows what the thread knew then, and
remembers for itself. Where the run ended by nothing that the message led to,
nothing is left to do, and the fork ends as the run did.

--set takes a path in the data and a value, JSON or a text; it can be repeated.
Secrets are shown by their handles, secret:…, and meant by them; a handle that
the run does not have is refused, and any other text is a new secret.

--edit needs a terminal. What was edited and cannot be taken is kept in a file,
which the error names, for --data.

With --json the object has forkedFrom, the run and the message. nanoagent runs
--forks-of RUN lists the forks of a run.

Exit status: as for a run, see nanoagent --help.
`
