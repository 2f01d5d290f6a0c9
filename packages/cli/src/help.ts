/** What `--help` prints after the options. */
export const HELP = `
Examples:
  $ nanoagent --mock "Generate a 24-character password for server admin"
  $ nanoagent "Give me 5 passphrases of 4 words" --model gpt-4.1
  $ nanoagent "Generate a 6-digit PIN" --base-url http://localhost:11434/v1
  $ nanoagent --quiet - < request.txt
  $ nanoagent --mock --json | jq -r .context.implementation.password

Environment, also read from .env in the working directory:
  NANOAGENT_API_KEY     the API key, else OPENAI_API_KEY
  NANOAGENT_API_BASE    where the API begins, else OPENAI_API_BASE, else OPENAI_BASE_URL
  NANOAGENT_MODEL       the model's name
  NO_COLOR, FORCE_COLOR

Exit status:
  0  the password passed its tests      3    the verdict is FAIL
  1  the run failed                     124  the run timed out
  2  wrong usage or configuration       130  interrupted

The prompt itself is sent to the model; passwords never are.
`
