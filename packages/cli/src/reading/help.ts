const JOURNAL = `
The journal is .nanoagent/journal.db in the working directory, unless --journal
or NANOAGENT_JOURNAL names another. It is only read. Secrets are shown by their
names, such as secret:….
`

const EXITS = `
Exit status:
  0  it was read       2  wrong usage, no such run, or no journal to read
`

const RUN = `
RUN is the id of a run, the beginning of it where no other run begins so, last
for the newest, or last~2 for the second before that.
`

const FILTERS = `
--text looks for words in what was asked, each as the beginning of one, whatever
their case and accents. --since and --until take a time ago, such as 30s, 15m,
2h, 3d, 1w, or a date with or without a time, such as 2026-01-31 or
2026-01-31T18:30, which is local unless it ends with Z or an offset. Several of
--status are parted by commas.
`

/** What `runs --help` prints after the options. */
export const RUNS_HELP = `
Examples:
  $ nanoagent runs
  $ nanoagent runs --status open,failed --since 2d
  $ nanoagent runs --text "banking password" --limit 5
  $ nanoagent runs --forks-of last
  $ nanoagent runs --json --limit 100000 | jq -r .runId
${FILTERS}
At a terminal ids and requests are cut to its width; piped, they are whole. The
verdict is that of the terminal message. With --json each run is one line of
JSON (times in epoch milliseconds). A fork has a ⑂ with the run that it was made
from, which is forkedFrom in JSON; show and trace name the forks of a run.
${JOURNAL}${EXITS}`

/** What `show --help` prints after the options. */
export const SHOW_HELP = `
Examples:
  $ nanoagent show last                # a run: its messages in causal order
  $ nanoagent show last .h             # a message: its envelope, data, steps
  $ nanoagent show V1StGXR8 .h.b2.h --json
${RUN}
MESSAGE is the id of a message, what of it follows the run's id, or its end
where no other message ends so; . is the first one. An id copied whole, run and
all, needs no RUN before it.

Of a message it shows what its handling did: every attempt with its steps, their
requests and responses, what led to it and what followed, and how its data
differs from that of its cause. With --json it is one JSON object. What a fork
was served is shown as if it had happened right before the fork was made; JSON
has the times that are recorded.
${JOURNAL}${EXITS}`

/** What `trace --help` prints after the options. */
export const TRACE_HELP = `
Examples:
  $ nanoagent trace last
  $ nanoagent trace last --format timeline
  $ nanoagent trace last --status failed --role tester
  $ nanoagent trace last --format mermaid > run.mmd
  $ nanoagent trace last --format otlp |
      curl -d @- -H content-type:application/json localhost:4318/v1/traces
${RUN}
Formats:
  tree      what led to what: ✓ done, ✗ failed, ⊘ cancelled, … not settled,
            ■ an end
  timeline  a line for each attempt, with a bar for its time
  mermaid   a sequence diagram: no data, no times
  json      one object: messages, attempts, steps, edges, the first failure
  jsonl     the records as they are, one in a line
  otlp      an OpenTelemetry trace as OTLP JSON in one line: invoke_workflow,
            invoke_agent, chat and execute_tool spans; ids stay the same

Without --content json and otlp do not tell what was said; errors are in both.
--role, --type, --status (done, failed, dead, cancelled, open) and --text
narrow down tree, timeline, json and jsonl; an attempt that is dead, the last
one of a message, is failed too. --json is --format json; jsonl and otlp are
JSON anyway.

Of a fork tree, timeline and otlp show what it was served as if it had happened
right before the fork was made; json and jsonl have the times that are recorded.
${JOURNAL}${EXITS}`

/** What `diff --help` prints after the options. */
export const DIFF_HELP = `
Examples:
  $ nanoagent diff last~1 last
  $ nanoagent diff V1StGXR8 mY3pK --json | jq '.messages[].kind'
${RUN}
A line for each message: = is the same in both, ~ differs, - is only in the
first run, + only in the second. Above them stands what differs in the
names of the teams and in how the runs ended, below each what differs in its
envelope and data, and in its attempts and their steps. Times, durations, tokens
and human lines do not count, nor do the runs' own ids; secrets are compared by
their names.
${JOURNAL}
Exit status:
  0  the runs are the same    2  wrong usage, no such run, or no journal to read
  1  they differ
`

/** What `tail --help` prints after the options. */
export const TAIL_HELP = `
Examples:
  $ nanoagent tail                     # all that happens from now on
  $ nanoagent tail last                # one run, from its beginning to its end
  $ nanoagent tail --json | jq 'select(.kind == "settle")'
${RUN}
It ends with the run, or with Ctrl-C. With --json each record is one line of
JSON.
${JOURNAL}${EXITS}`

/** What `dead-letters --help` prints after the options. */
export const DEAD_LETTERS_HELP = `
Examples:
  $ nanoagent dead-letters
  $ nanoagent dead-letters --since 1d --json | jq -r .error.message
${FILTERS}
A message is one when its attempts are exhausted, no further one could help, or
nobody plays its role; it is none any more once its run goes on. With --json
each is one line of JSON.
${JOURNAL}${EXITS}`

/** What `stats --help` prints after the options. */
export const STATS_HELP = `
Examples:
  $ nanoagent stats
  $ nanoagent stats --team password-full --since 1w
  $ nanoagent stats --json | jq '.roles[] | {role, p95: .attemptMs.p95}'
${FILTERS}
P50 and P95 are of the time that an attempt took (nearest rank). Retries are
attempts that failed and were made again, dead are messages that were given up.
Below is how often one role, in a row, handed off to another, in a column. With
--json it is one JSON object.
${JOURNAL}${EXITS}`
