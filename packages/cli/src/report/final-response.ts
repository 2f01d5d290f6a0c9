import { attemptsIn } from '@nanoagent/agents'
import type { Secret } from '@nanoagent/bus'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import type { PasswordRun } from './password-run.ts'
import { capitalized } from './plain-words.ts'
import { auditLines, guidanceLines, reviewLines } from './specialists.ts'
import { verdictIn } from './verdict.ts'

type TestResults = NonNullable<PasswordRun['context']['testResults']>
type Report = TestResults['results'][number]

/** How a final response is made. */
export interface ResponseOptions {
  /** A secret as the reader may see it. */
  readonly show: (secret: Secret) => string
  readonly paint: Paint
}

/** What the team answers to its user: the password, what was found, what to do better. */
export function finalResponse(
  run: Pick<PasswordRun, 'context' | 'output' | 'history'>,
  options: ResponseOptions,
): string {
  const { context, output } = run
  const { implementation, testResults, audit, guidance, review } = context
  if (implementation === undefined || testResults === undefined || output === undefined) {
    return 'Failed to generate password. Please try again.'
  }
  const { passwords } = implementation
  const { paint } = options
  return [
    ...passwordLines(passwords, testResults.results, options),
    '',
    '**Validation Results**:',
    `- Strength: ${testResults.strength.toUpperCase()}${passwords.length > 1 ? ' (the weakest)' : ''}`,
    `- Score: ${testResults.score}/5`,
    `- Verdict: ${verdictIn(paint, testResults.verdict)}`,
    ...attemptLines(attemptsIn(run.history)),
    '',
    '**Security Checks**:',
    ...testResults.checks.map(({ name, passed, detail }) => {
      const mark = passed ? paint('green', '✓') : paint('red', '✗')
      return `- ${mark} ${capitalized(oneLine(name))}: ${oneLine(detail)}`
    }),
    ...recommendationLines(testResults.recommendations),
    ...auditLines(audit, paint),
    ...guidanceLines(guidance),
    ...reviewLines(review, paint),
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
        : ` - ${report.strength.toUpperCase()}, ${report.score}/5, ${verdictIn(paint, report.verdict)}`
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
