/** What `replay --help` prints after the options. */
export const REPLAY_HELP = `
Examples:
  $ nanoagent replay last
`
