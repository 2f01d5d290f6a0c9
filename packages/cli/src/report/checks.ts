import type { EndpointCheck } from '@nanoagent/agents/openai'
import type { LiveConfiguration } from '../configuration.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'

const MARKS = {
  ok: { mark: '✓', style: 'green' },
  limited: { mark: '!', style: 'yellow' },
  failed: { mark: '✗', style: 'red' },
  skipped: { mark: '–', style: 'dim' },
} as const

/** Where the configuration comes from; of the key that alone. */
export function configurationLines({ model, sources }: LiveConfiguration): readonly string[] {
  return [
    `  API key   ${setBy(sources.apiKey)}`,
    `  base URL  ${setBy(sources.baseUrl)}`,
    `  model     ${oneLine(model)}, ${setBy(sources.model)}`,
  ]
}

function setBy(source: string): string {
  return source === 'the default' ? source : `set by ${source}`
}

/** What one check found, and below it what to do. */
export function checkLines(check: EndpointCheck, paint: Paint): readonly string[] {
  const { name, status, detail, nextStep, ms } = check
  const { mark, style } = MARKS[status]
  const time = status === 'skipped' ? '' : paint('dim', ` (${(ms / 1_000).toFixed(1)} s)`)
  const line = `  ${paint(style, mark)} ${checkTitle(name).padEnd(TITLE_WIDTH)}  ${oneLine(detail)}${time}`
  if (nextStep === undefined) return [line]
  return [line, `${' '.repeat(TITLE_WIDTH + 6)}→ ${oneLine(nextStep)}`]
}

/** What is checked, for people. */
export function checkTitle(name: EndpointCheck['name']): string {
  return name.replace('_', ' ')
}

const TITLE_WIDTH = 'structured output'.length

/** Whether all that a run needs works. */
export function works(checks: readonly EndpointCheck[]): boolean {
  return checks.every(({ status }) => status === 'ok' || status === 'limited')
}

/** The last line: whether nanoagent works with the endpoint. */
export function verdictLine(checks: readonly EndpointCheck[], paint: Paint): string {
  const named = (status: EndpointCheck['status']) =>
    checks.filter((check) => check.status === status).map(({ name }) => checkTitle(name))
  if (!works(checks)) {
    const failed = named('failed').join(' and ')
    return paint('red', `nanoagent does not work with this endpoint: ${failed} failed.`)
  }
  const limited = named('limited').join(', ')
  const limits = limited === '' ? '' : `, with limits: ${limited}`
  return paint('green', `nanoagent works with this endpoint${limits}.`)
}

/** What `doctor --json` prints. */
export function doctorJson(
  { model, sources }: LiveConfiguration,
  checks: readonly EndpointCheck[],
): object {
  return {
    works: works(checks),
    configuration: {
      apiKey: { source: sources.apiKey },
      baseUrl: { source: sources.baseUrl },
      model: { name: model, source: sources.model },
    },
    checks,
  }
}
