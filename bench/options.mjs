import { parseArgs } from 'node:util'

/** The text of `--help`. */
export function helpText(measures) {
  const width = Math.max(...measures.map(({ name }) => name.length))
  return [
    'Usage: pnpm bench [--only NAME] [--quick] [--json]',
    '',
    '  --only NAME  one measure; may be given more than once',
    '  --quick      fewer rounds: a smoke test, not a measurement',
    '  --json       print the results as JSON instead of tables',
    '  --help       print this',
    '',
    'Measures:',
    ...measures.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
  ].join('\n')
}

/** Reads the arguments; throws an error of one line where they cannot be understood. */
export function parseOptions(args, measures) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const names = measures.map(({ name }) => name)
  for (const name of values.only) {
    if (!names.includes(name)) {
      throw new Error(`no measure is called '${name}' (measures: ${names.join(', ')})`)
    }
  }
  return values
}
