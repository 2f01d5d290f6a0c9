import type { Secret } from '@nanoagent/bus'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import { attemptsOf } from './attempts.ts'
import type { PasswordRun } from './password-run.ts'

type TestResults = NonNullable<PasswordRun['output']>
type Report = TestResults['results'][number]

/** How a final response is made. */
export interface ResponseOptions {
  /** A secret as the reader may see it. */
  readonly show: (secret: Secret) => string
  readonly paint: Paint
}

/** What the team answers to its user: the password, what the tester found, what to do better. */
export function finalResponse(
  run: Pick<PasswordRun, 'context' | 'output' | 'history'>,
  options: ResponseOptions,
): string {
  const { context, output } = run
  const { implementation } = context
  if (implementation === undefined || output === undefined) {
    return 'Failed to generate password. Please try again.'
  }
  const { passwords } = implementation
  const { paint } = options
  return [
    ...passwordLines(passwords, output.results, options),
    '',
    '**Validation Results**:',
    `- Strength: ${output.strength.toUpperCase()}${passwords.length > 1 ? ' (the weakest)' : ''}`,
    `- Score: ${output.score}/5`,
    `- Verdict: ${verdict(output, paint)}`,
    ...attemptLines(attemptsOf(run)),
    '',
    '**Security Checks**:',
    ...output.checks.map(({ name, passed, detail }) => {
      const mark = passed ? paint('green', '✓') : paint('red', '✗')
      return `- ${mark} ${capitalized(oneLine(name))}: ${oneLine(detail)}`
    }),
    ...recommendationLines(output.recommendations),
    ...planLines(context.plan?.why),
  ].join('\n')
}

/** Said where the first attempt was not the last. */
function attemptLines(attempts: number): readonly string[] {
  return attempts > 1 ? [`- Attempts: ${attempts}`] : []
}

function passwordLines(
  passwords: readonly Secret[],
  results: readonly Report[],
  { show, paint }: ResponseOptions,
): readonly string[] {
  const quoted = passwords.map((password) => paint('bold', `\`${show(password)}\``))
  if (quoted.length === 1) return [`🔐 **Generated Password**: ${quoted[0]}`]
  const lines = quoted.map((password, index) => {
    const report = results[index]
    const found =
      report === undefined
        ? ''
        : ` - ${report.strength.toUpperCase()}, ${report.score}/5, ${verdict(report, paint)}`
    return `${index + 1}. ${password}${found}`
  })
  return ['🔐 **Generated Passwords**:', ...lines]
}

function recommendationLines(recommendations: readonly string[]): readonly string[] {
  if (recommendations.length === 0) return []
  return ['', '**Recommendations**:', ...recommendations.map((one) => `- ${oneLine(one)}`)]
}

/** What the planner understood, since a request may be read in more than one way. */
function planLines(why: string | undefined): readonly string[] {
  return why === undefined ? [] : ['', `**Plan**: ${oneLine(why)}`]
}

function verdict({ verdict }: Pick<Report, 'verdict'>, paint: Paint): string {
  return verdict === 'PASS' ? paint('green', '✅ PASS') : paint('red', '❌ FAIL')
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
