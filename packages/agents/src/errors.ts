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

/** An agent, a tool or an answer's schema is defined in a way that cannot work. */
export class DefinitionError extends TerminalError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, code: 'invalid_definition' })
  }
}

/** A handler called a tool with arguments that do not fit, or a tool gave a result that does not. */
export class ToolContractError extends TerminalError {
  constructor(tool: string, what: 'arguments' | 'result', problem: string) {
    super(`the ${what} of tool '${tool}' broke its schema: ${problem}`, {
      code: `invalid_tool_${what}`,
    })
  }
}

/** A model gave no usable answer, whatever it was told: another attempt would not help. */
export class GenerationError extends TerminalError {
  constructor(code: 'schema_never_satisfied' | 'tool_rounds_exhausted', message: string) {
    super(message, { code })
  }
}

/** What a role remembers under a key is not what its handler expects of it. */
export class MemoryMismatchError extends TerminalError {
  readonly role: string
  readonly key: string

  constructor(role: string, key: string, problem: string) {
    super(
      `what '${role}' remembers as '${key}' does not fit: ${problem}; ` +
        'write it anew, forget it, or read it by the schema that it was written by',
      { code: 'memory_mismatch' },
    )
    this.role = role
    this.key = key
  }
}
