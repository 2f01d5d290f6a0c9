/** The command was used or configured wrong. The message is one line: what, and how to mend it. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
  readonly code = 'usage'
}

/** A run is recorded that this command cannot have begun. */
export class ForeignRunError extends UsageError {}

/** A signal ended the command. The message is one line. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
  readonly code = 'interrupted'
  readonly exitStatus: number

  constructor(message: string, exitStatus: number) {
    super(message)
    this.exitStatus = exitStatus
  }
}
