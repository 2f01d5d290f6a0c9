/** The commands of `--step`. */
export const STEP_HELP = `\
  n [ROLE]     handle the next message; with a role, go on until it handled one
  t MESSAGE    go on until this message is the next one
  i [MESSAGE]  inspect a message: its data, its steps with their requests and
               responses; where none is named, the one that was handled last
  c            go on to the end
  q            leave, like Ctrl-D: only what was handled again by then counts`

/** What `replay --help` prints of a single agent. */
const AGENT_HELP = `\
With --agent one agent alone handles again what its role has handled, and what
it publishes and remembers is compared: same, changed or failed. Without a model
everything is served from the record. --live, --instructions, --model, --mock
and --base-url ask a model anew, with the key of the environment; tool calls
recorded with the same arguments are served, others are performed. Human lines
do not count. --runs takes many runs in place of RUN: --status, --team,
--thread, --text, --since and --until choose among them, as for nanoagent runs.
With --json each message is a line of JSON, and the last line has the total.`

/** What `replay --help` prints after the options. */
export const REPLAY_HELP = `
Examples:
  $ nanoagent replay last
  $ nanoagent replay last~2 --attempts all
  $ nanoagent replay last --speed 4    # four times as fast as it was
  $ nanoagent replay V1StGXR8 --step
  $ nanoagent replay last --json | jq .divergence.why
  $ nanoagent replay last --agent planner --instructions terse.txt
  $ nanoagent replay --agent tester --runs last:100 --live --model gpt-4.1
  $ nanoagent replay --check runs/ --junit report.xml

RUN is the id of a run, the beginning of it where no other run begins so, last
for the newest, or last~2 for the second before that.

Each message is handled again by the agents of today: with what led to it, and
with every answer of a model or a tool as it was recorded. Nothing is asked,
called, sent or stored. The team, its models and their settings are those that
the run names. What is shown is the record, as the run was shown; passwords are
used, but shown by their masks alone, and by their names in what differs.

It ends with identical, or with the first difference in causal order: where it
is, why, what was expected and what is now, field by field. Attempts that failed
are shown; with --attempts all they are made again as well, and have to fail
alike. What was cancelled or ran out of time is not made again.

--speed 1 waits between two records as long as it took then. --step waits for a
command before each message is handled; commands can be piped in, one in a line:

${STEP_HELP}

${AGENT_HELP}

The journal is .nanoagent/journal.db in the working directory, unless --journal
or NANOAGENT_JOURNAL names another. It is only read.

--check replays all runs of the files in a folder, and in those in it, that end
in .jsonl, as nanoagent export writes them: a test of what agents do, without a
key. Of each that is not identical it prints one line. Export them with
--with-secrets: most agents need the passwords. The passphrase is
NANOAGENT_PASSPHRASE, else it is asked for at the terminal. A run knows what
earlier ones of its file have remembered.

--update runs the requests of those that have diverged again, with the team of
today, and writes the files in which they are: each whole, or as it was. What
the model was asked before is answered as it is recorded, the rest is asked of
the model that the run names, or of the one that is typed; tools are called. A
run that would end worse than it did stays as it was, and so does one that needs
secrets in a file without their values: export it again --with-secrets. Of a
fork the request of its parent is run again, and forked with the same change; a
fork of a fork with a change of its own stays as it was.

Exit status:
  0  all is identical, or is so now, or      4    something has diverged, or
     an agent does the same                       what an agent does is changed
  1  something of a run is lost, such        130  interrupted
     as a memory, an agent fails, or a
     file cannot be read
  2  wrong usage, no such run, no journal
     or file to read, another program's run
`
