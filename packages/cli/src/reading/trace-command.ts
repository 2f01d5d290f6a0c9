import { type Command, Option } from 'commander'
import type { ReadFlags } from './command-line.ts'

const FORMATS = ['tree', 'timeline', 'mermaid', 'json', 'jsonl', 'otlp'] as const

/** How a trace is shown. */
export type TraceFormat = (typeof FORMATS)[number]

/** How an attempt can have ended. */
const OUTCOMES = ['done', 'failed', 'dead', 'cancelled', 'open'] as const

/** What of a trace is shown, parsed. What is absent does not matter. */
export interface TraceFilter {
  /** Handled by this role, as its own or as a copy. */
  readonly role?: string
  /** Messages of this type. */
  readonly type?: string
  /** With an attempt that ended so; `open` where the handling has not ended. */
  readonly status?: (typeof OUTCOMES)[number]
  /** In what is said: human line, data, log lines, errors. Case does not matter. */
  readonly text?: string
}

/** The options of `trace`, parsed. */
export interface TraceFlags extends ReadFlags, TraceFilter {
  /** Absent where none was typed. */
  readonly format?: TraceFormat
  readonly content?: true
}

/** The options that a trace has beside those of every command that reads. */
export function withTraceOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <name>', 'how it is shown (default: tree)').choices(FORMATS))
    .option('--role <name>', 'only what this role handled')
    .option('--type <name>', 'only messages of this type')
    .addOption(
      new Option('--status <name>', 'only what has an attempt that ended so').choices(OUTCOMES),
    )
    .option('--text <text>', 'only where this is said')
    .option('--content', 'with what was said: data, prompts, answers (json, otlp)')
}
