import { Command, InvalidArgumentError, Option } from 'commander'
import { ASK_HELP, CHAT_HELP, CHECK_HELP, DOCTOR_HELP, HELP } from './help.ts'
import { journalOption } from './journal-choice.ts'
import { LOG_LEVELS } from './logger.ts'
import { perRole } from './per-role.ts'
import { teamOption, withOption } from './team-choice.ts'

/** Longest time that can be asked for: one day. */
const MAX_TIMEOUT_S = 86_400

/** Most retries that a run has hops for, as the library has it. */
const MAX_RETRIES = 10

/** The command that runs the team: its options, and what `--help` says of it. */
export function runCommand(version: string): Command {
  return new Command('nanoagent')
    .usage(
      '[run] [prompt] [options]\n       nanoagent chat [prompt] [options]\n' +
        '       nanoagent ask <prompt> [options]\n       nanoagent <command> --help',
    )
    .description('Agents plan, make and test a password, and show how.')
    .argument('[prompt...]', "what to generate; '-' reads it from standard input")
    .addOption(mockOption())
    .addOption(teamOption())
    .addOption(withOption())
    .addOption(
      perRole(
        '--model <name>',
        "the model's name* (default: NANOAGENT_MODEL, else gpt-4.1-mini)",
        String,
      ),
    )
    .addOption(
      perRole('--temperature <n>', 'from 0 to 2* (default: the model decides)', temperature),
    )
    .addOption(
      perRole(
        '--max-answer-tokens <n>',
        'most tokens of one answer* (default: no limit)',
        count(1e9),
      ),
    )
    .addOption(baseUrlOption())
    .addOption(
      new Option('--retries <n>', 'times that a password which fails is made again')
        .argParser(count(MAX_RETRIES, 0))
        .default(2),
    )
    .addOption(limit('--timeout <seconds>', 'time of the whole run', MAX_TIMEOUT_S).default(300))
    .addOption(limit('--max-hops <n>', 'most handoffs in a row (default: 32)', 10_000))
    .addOption(limit('--max-tokens <n>', 'most tokens of the run (default: no limit)', 1e9))
    .addOption(
      limit('--requests-at-once <n>', 'most requests at once, per model (default: 8)', 10_000),
    )
    .addOption(jsonOption().conflicts('quiet'))
    .option('--quiet', 'print the password alone; of several, one a line')
    .addOption(
      new Option('--trace', 'print at the end what led to what, and what it took').conflicts(
        'quiet',
      ),
    )
    .addOption(threadOption('remember, and go on with what this thread remembers'))
    .addOption(journalOption())
    .addOption(noColorOption())
    .addOption(logLevelOption())
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', HELP)
}

/** The command that talks: one agent with tools. */
export function chatCommand(): Command {
  return talkCommand(
    'chat',
    '[prompt]',
    'One agent makes and judges passwords with its tools, and shows each call.\n' +
      'At a terminal without a prompt it is a conversation.',
    CHAT_HELP,
  )
    .argument('[prompt...]', "what to ask; '-' reads it from standard input")
    .option('--instructions <file>', 'what the assistant is told, in place of its own')
    .addOption(threadOption('which conversation goes on (default: chat)'))
}

/** The command that asks a model once. */
export function askCommand(): Command {
  return talkCommand(
    'ask',
    '<prompt>',
    'One prompt, one answer, no tools. With --mock it shows what would be sent.',
    ASK_HELP,
  ).argument('[prompt...]', "what to ask; '-' reads it from standard input")
}

/** The option that says which thread a run is of. */
function threadOption(description: string): Option {
  return new Option('--thread <name>', description)
}

function talkCommand(name: string, prompt: string, description: string, help: string): Command {
  return new Command(`nanoagent ${name}`)
    .usage(`${prompt} [options]`)
    .description(description)
    .addOption(mockOption())
    .option('--model <name>', "the model's name (default: NANOAGENT_MODEL, else gpt-4.1-mini)")
    .addOption(
      new Option('--temperature <n>', 'from 0 to 2 (default: the model decides)').argParser(
        temperature,
      ),
    )
    .addOption(
      limit('--max-answer-tokens <n>', 'most tokens of one answer (default: no limit)', 1e9),
    )
    .addOption(baseUrlOption())
    .addOption(limit('--timeout <seconds>', 'time of each answer', MAX_TIMEOUT_S).default(300))
    .addOption(limit('--max-tokens <n>', 'most tokens of each answer in all', 1e9))
    .addOption(jsonOption().conflicts('quiet'))
    .option('--quiet', 'print the answer alone')
    .addOption(journalOption())
    .addOption(noColorOption())
    .addOption(logLevelOption())
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', help)
}

/** The command that shows how a team is wired. */
export function checkCommand(): Command {
  return new Command('nanoagent check')
    .usage('[options]')
    .description(
      'Checks how the agents of a team are wired, and prints it as a table and as a\n' +
        'Mermaid flowchart.',
    )
    .argument('[arguments...]')
    .addOption(teamOption())
    .addOption(withOption())
    .addOption(new Option('--mermaid', 'print the flowchart alone').conflicts('json'))
    .addOption(jsonOption())
    .addOption(noColorOption())
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', CHECK_HELP)
}

/** The command that checks an endpoint. */
export function doctorCommand(): Command {
  return new Command('nanoagent doctor')
    .usage('[options]')
    .description(
      'Checks configuration, endpoint, model, tool calling and structured output with\n' +
        'four small requests, and says what works.',
    )
    .argument('[arguments...]')
    .addOption(
      perRole(
        '--model <name>',
        "the model's name (default: NANOAGENT_MODEL, else gpt-4.1-mini)",
        String,
      ),
    )
    .addOption(baseUrlOption())
    .addOption(
      limit('--timeout <seconds>', 'longest wait for an answer', MAX_TIMEOUT_S).default(60),
    )
    .addOption(jsonOption())
    .addOption(noColorOption())
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', DOCTOR_HELP)
}

/** The option to ask no model. */
export function mockOption(): Option {
  return new Option('--mock', 'answer offline, without a model or a key')
}

/** The option that says where a model is asked. */
export function baseUrlOption(): Option {
  return new Option('--base-url <url>', 'where an OpenAI-compatible API begins')
}

/** The option to print for programs. */
export function jsonOption(): Option {
  return new Option('--json', 'print one JSON object and nothing else')
}

/** The option to print without colours. */
export function noColorOption(): Option {
  return new Option('--no-color', 'print without colours')
}

/** The option that turns log lines on. */
export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'write JSON logs to standard error')
    .choices(LOG_LEVELS)
    .default('silent')
}

/** An option that takes a whole number from 1. */
export function limit(flags: string, description: string, max: number): Option {
  return new Option(flags, description).argParser(count(max))
}

function count(max: number, min = 1): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : -1
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`)
  }
}

function temperature(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (value <= 2) return value
  throw new InvalidArgumentError('expected a number from 0 to 2')
}
