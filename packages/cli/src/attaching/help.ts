/** What `attach --help` prints after the options. */
export const ATTACH_HELP = `
Examples:
  $ nanoagent attach security-auditor --runs last:10
  $ nanoagent attach security-auditor --mock --runs all --team password
  $ nanoagent attach ./my-agent.ts --runs last --json | jq .published

AGENT is a role of the full team, or the path of a module that begins with ./,
../ or / and whose default export is an agent or a listener: what defineAgent or
defineListener gives. The module is run like any program of yours. The installed
command has its own copy of the library, so the schemas of a module refuse its
secrets there: for messages that have some, write a program with attachAgent.

It gets each message whose type it accepts, in the order in which they were
published, whomever they were for. Its model is asked, with the key and the
endpoint of the environment, and its tools are performed; it remembers nothing,
and nobody answers what it asks other roles. --runs takes one run too, as
nanoagent show does; --status, --team, --thread, --text, --since and --until
choose among several, as for nanoagent runs. With --json each message is a line
of JSON, and the last line has the total.

The journal is only read.

Exit status:
  0  it handled every message           2    wrong usage or configuration
  1  it failed at one or more           130  interrupted
`
