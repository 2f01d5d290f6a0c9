import { type Command, Option } from 'commander'
import type { ReadFlags } from './command-line.ts'
import { OUTCOMES, type TraceFilter } from './trace-filter.ts'

const FORMATS = ['tree', 'timeline', 'mermaid', 'json', 'jsonl', 'otlp'] as const

/** The options of `trace`, parsed. */
export interface TraceFlags extends ReadFlags, TraceFilter {
  readonly format: (typeof FORMATS)[number]
  readonly content?: true
}

/** The options that a trace has beside those of every command that reads. */
export function withTraceOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <name>', 'how it is shown').choices(FORMATS).default('tree'))
    .option('--role <name>', 'only what this role handled')
    .option('--type <name>', 'only messages of this type')
    .addOption(
      new Option('--status <name>', 'only what has an attempt that ended so').choices(OUTCOMES),
    )
    .option('--text <text>', 'only where this is said')
    .option('--content', 'with what was said: data, prompts, answers (json, otlp)')
}
