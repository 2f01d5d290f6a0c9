import { BusError, TerminalError } from '@nanoagent/bus'

/** Where a team is wired wrong: both ends of what does not fit. */
export interface WiringProblem {
  /** The agent, or the team's `entry`, that starts the faulty connection. */
  readonly from: string
  /** The role or the type at its other end. */
  readonly to: string
  readonly message: string
}

/** A team is wired wrong. Thrown by `defineTeam`, with everything that is wrong. */
export class WiringError extends BusError {
  readonly problems: readonly WiringProblem[]

  constructor(team: string, problems: readonly WiringProblem[]) {
    super(
      'wiring',
      `team '${team}' is wired wrong: ${problems.map(({ message }) => message).join('; ')}`,
    )
    this.problems = problems
  }
}

/** An agent or a tool is defined in a way that cannot work. */
export class DefinitionError extends BusError {
  constructor(message: string, options?: ErrorOptions) {
    super('invalid_definition', message, options)
  }
}

/** A model gave no usable answer, whatever it was told: another attempt would not help. */
export class GenerationError extends TerminalError {
  constructor(code: 'schema_never_satisfied' | 'tool_rounds_exhausted', message: string) {
    super(message, { code })
  }
}
