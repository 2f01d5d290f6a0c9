/** The command was used or configured wrong. The message is one line: what, and how to mend it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'usage'
}
