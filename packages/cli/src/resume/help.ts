/** What `resume --help` prints after the options. */
export const RESUME_HELP = `
Examples:
  $ nanoagent resume                   # the newest run that did not complete
  $ nanoagent resume V1StGXR8
  $ nanoagent resume last --timeout 600
  $ nanoagent resume --all --json | jq '.runs[] | {runId, status}'

The team is the one that is recorded. A run that was made with --mock goes on
so, unless --model or --base-url is given. Any other asks its model again, with
the key of the environment: --model and --base-url say which and where, else it
is as recorded (of the URL without its query), else as the environment has it.
An imported run is asked where the environment says, unless --base-url does.

Only what is missing is asked: answers and results that are recorded are served.
A run whose time was over has all of its time again.

With --all --json the object has runs, as each would be printed alone, and
skipped: those that another process runs, or another program made, and why.

Exit status: as of a run. With --all:
  0  every run completed       2    wrong usage or configuration
  1  one or more did not,      130  interrupted
     or was skipped
`
