import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import type { PasswordRun } from './password-run.ts'
import { capitalized } from './plain-words.ts'
import { verdictIn } from './verdict.ts'

type Context = PasswordRun['context']
type Finding = NonNullable<Context['audit']>['findings'][number]

/** What the security auditor found: a line for each finding, with the requirements that it is about. */
export function auditLines(audit: Context['audit'], paint: Paint): readonly string[] {
  if (audit === undefined) return []
  return [
    '',
    '**Security Audit**:',
    `- Verdict: ${verdictIn(paint, audit.verdict)}. ${oneLine(audit.summary)}`,
    ...audit.findings.map((finding) => findingLine(finding, paint)),
  ]
}

const MARKS = {
  none: { mark: '✓', style: 'green' },
  low: { mark: '!', style: 'yellow' },
  medium: { mark: '✗', style: 'red' },
  high: { mark: '✗', style: 'red' },
} as const

function findingLine(finding: Finding, paint: Paint): string {
  const { check, severity, detail, advice, requirements } = finding
  const { mark, style } = MARKS[severity]
  const grade = severity === 'none' ? '' : ` (${severity})`
  const said = [detail, ...(advice === undefined ? [] : [advice])].map(oneLine).join(' ')
  const held = paint('dim', `[${cited(requirements.map(oneLine))}]`)
  return `- ${paint(style, mark)} ${capitalized(oneLine(check))}${grade}: ${said} ${held}`
}

/** Requirements with each standard named once: 'NIST SP 800-63B-4 §3.1.1.2 (2), §3.1.1.2 (9)'. */
function cited(requirements: readonly string[]): string {
  const numbers = new Map<string, string[]>()
  for (const requirement of requirements) {
    const [, standard = '', number = requirement] = /^(.*) ([§V][\d.A]+.*)$/.exec(requirement) ?? []
    numbers.set(standard, [...(numbers.get(standard) ?? []), number])
  }
  return Array.from(numbers, ([standard, of]) => `${standard} ${of.join(', ')}`.trim()).join('; ')
}

/** What the UX writer tells the person who asked. */
export function guidanceLines(guidance: Context['guidance']): readonly string[] {
  if (guidance === undefined) return []
  const { purpose, keep, type, say } = guidance
  const lines = (name: string, advice: readonly string[]) =>
    advice.map((one) => `- ${name}: ${oneLine(one)}`)
  return [
    '',
    `**Guidance** (${oneLine(purpose)}):`,
    ...lines('Keep', keep),
    ...lines('Type', type),
    ...lines('Say', say),
  ]
}

/** What the reviewer decided, and why. */
export function reviewLines(review: Context['review'], paint: Paint): readonly string[] {
  if (review === undefined) return []
  const { verdict, reasons } = review
  return [
    '',
    '**Review**:',
    `- Verdict: ${verdictIn(paint, verdict)}`,
    ...reasons.map((reason) => `- ${oneLine(reason)}`),
  ]
}
