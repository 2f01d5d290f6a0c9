/** What `--help` prints after the options. */
export const HELP = `
* of one agent with its role before the value: --model tester=gpt-4.1-mini
  (planner, implementer, tester; with the full team also security-auditor,
  ux-writer, reviewer; these options can be repeated)

Commands:
  chat, ask             a conversation with one agent, or one answer
  check, doctor         how a team is wired, whether an endpoint works
  resume                goes on with a run that is not finished
  runs, show, trace     what happened: all runs, one run or message, its causes
  tail                  what happens, as it happens
  diff                  how two runs differ
  fork                  a run once more from one of its messages on
  replay                runs the team of today, or one agent of it, against the
                        recorded steps
  attach                lets an agent hear past runs that it was not in
  dead-letters, stats   what was given up, what each role did and took
  threads, memory       what agents remember, and forgetting it
  export, import        runs as a file of JSON lines
  verify, backup        check the journal, copy it
  prune                 delete old runs

Examples:
  $ nanoagent --mock "Generate a 24-character password for server admin"
  $ nanoagent "Give me 5 passphrases of 4 words" --model gpt-4.1
  $ nanoagent "Generate a 6-digit PIN" --base-url http://localhost:11434/v1
  $ nanoagent --mock --team password-full "a Wi-Fi password for guests"
  $ nanoagent --thread home "always 24 characters for the bank"
  $ nanoagent memory                          # what is remembered in threads
  $ nanoagent chat                            # a conversation
  $ nanoagent ask "Generate a 20-character password for a banking app"
  $ nanoagent check                           # how is the team wired?
  $ nanoagent doctor                          # does it work with my endpoint?
  $ nanoagent --quiet - < request.txt
  $ nanoagent --mock --json | jq -r .context.implementation.password

Every run is recorded in .nanoagent/journal.db, with its passwords sealed.

Environment, also read from .env in the working directory:
  NANOAGENT_API_KEY     the API key, else OPENAI_API_KEY
  NANOAGENT_API_BASE    where the API begins, else OPENAI_API_BASE, else
                        OPENAI_BASE_URL
  NANOAGENT_MODEL       the model's name
  NANOAGENT_JOURNAL     where runs are recorded; memory for nowhere
  NO_COLOR, FORCE_COLOR

Exit status:
  0  the password passed its tests      3    the verdict is FAIL
  1  the run failed                     124  the run timed out
  2  wrong usage or configuration       130  interrupted

The prompt itself is sent to the model; passwords never are.
`

const EXITS = `
The environment and .env are read as for a run; see nanoagent --help.

Exit status:
  0  it was answered                       124  no answer in time
  1  the run failed                        130  interrupted
  2  wrong usage or configuration
`

/** What `chat --help` prints after the options. */
export const CHAT_HELP = `
Examples:
  $ nanoagent chat                            # a conversation, at a terminal
  $ nanoagent chat "Generate a secure 20-character password"
  $ nanoagent chat --mock "Check if 'myP@ssw0rd!' is secure enough"
  $ nanoagent chat --mock "Give me 5 password options to choose from"

Without a prompt and a terminal it is asked to generate a secure 16-character
password for an email account. In a conversation: /new, /help, /quit or Ctrl-D;
Ctrl-C stops an answer.

The conversation is kept in a thread of the journal, and goes on with the next
chat in it. The model is told the last 20 exchanges, of at most 24,000
characters together; what you say you always want it remembers beyond that.

What you type is sent to the model, with the passwords in it. Passwords that
the tools make never are: the model gets handles, and you see them on the
screen; with --json they are in passwords alone.
${EXITS}`

/** What `ask --help` prints after the options. */
export const ASK_HELP = `
Examples:
  $ nanoagent ask "Generate a 20-character password for a banking app"
  $ nanoagent ask --mock "What makes a good password?"

The prompt is sent to the model, and what comes back was written by it: for a
password that nobody else has seen, use nanoagent chat or nanoagent.
${EXITS}`

/** What `check --help` prints after the options. */
export const CHECK_HELP = `
Examples:
  $ nanoagent check
  $ nanoagent check --mermaid > team.mmd
  $ nanoagent check --json | jq '.agents[].role'

In the flowchart boxes are agents, hexagons joins, rounded boxes listeners. A
thick arrow is a branch of a fan-out, a dotted one an ask. No model is asked,
and no key is needed.

Exit status:
  0  the team is wired right    2  wrong usage
`

/** What `doctor --help` prints after the options. */
export const DOCTOR_HELP = `
Examples:
  $ nanoagent doctor
  $ nanoagent doctor --base-url http://localhost:11434/v1 --model llama3.2
  $ nanoagent doctor --json | jq '.checks[] | select(.status != "ok")'

The requests: the list of models, a short answer, a tool call, an answer by a
JSON schema. None is made again where it fails, but in other words where the
endpoint refuses a part of it, such as the schema. Where one leaves nothing to
learn from the others, these are not made.

The environment and .env are read as for a run; see nanoagent --help.

Exit status:
  0  nanoagent works with this endpoint    2    wrong usage or configuration
  1  something that it needs does not      130  interrupted
`
