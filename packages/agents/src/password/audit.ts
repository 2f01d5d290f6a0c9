import type { DeepReadonly } from '@nanoagent/bus'
import * as z from 'zod'
import { auditCommon } from './audit-common.ts'
import { auditEntropy, hasEnoughEntropy } from './audit-entropy.ts'
import { type AuditSubject, byGravity, Finding, fails } from './audit-finding.ts'
import { auditLength } from './audit-length.ts'
import { auditPatterns } from './audit-patterns.ts'
import { auditPersonal } from './audit-personal.ts'
import type { Constraints } from './constraints.ts'

/** One look at a password. */
export interface AuditCheck {
  /** Names the tool that takes it. */
  readonly name: string
  /** For a model. */
  readonly description: string
  /** A pure function of the password and of what is known of it. */
  look(password: string, subject: AuditSubject): readonly Finding[] | Promise<readonly Finding[]>
}

/** The looks that make an audit, in the order in which their findings are reported. */
export const auditChecks: readonly AuditCheck[] = [
  {
    name: 'check_length',
    description:
      'Holds length and characters, and the use of a PIN, against NIST SP 800-63B-4 and OWASP ASVS 5.0.0.',
    look: auditLength,
  },
  {
    name: 'check_common_passwords',
    description:
      'Compares with leaked passwords, words and names, also disguised, backwards or extended.',
    look: auditCommon,
  },
  {
    name: 'check_personal_words',
    description: 'Looks for words and numbers of the request, also disguised or backwards.',
    look: auditPersonal,
  },
  {
    name: 'check_patterns',
    description: 'Looks for repetitions, keyboard runs and sequences.',
    look: auditPatterns,
  },
  {
    name: 'measure_entropy',
    description:
      'Measures the bits by how the password was generated, and the guesses that attackers need.',
    look: auditEntropy,
  },
]

/** What an audit found in one password. */
export const AuditResult = z.strictObject({
  verdict: z.enum(['PASS', 'FAIL']),
  findings: z.array(Finding),
})
export type AuditResult = z.infer<typeof AuditResult>

/** What follows from findings: a password fails with one of medium severity or more. */
export function auditResult(findings: readonly DeepReadonly<Finding>[]): DeepReadonly<AuditResult> {
  return { verdict: findings.some(fails) ? 'FAIL' : 'PASS', findings }
}

/** What one look finds in a password. */
export async function findingsOf(
  { look }: AuditCheck,
  password: string,
  subject: AuditSubject,
): Promise<readonly Finding[]> {
  const findings = await look(password, subject)
  return findings.map((finding) => (quotes(finding, password) ? withoutWords(finding) : finding))
}

/** A password may be a word of a sentence here, above all 'password'. */
function quotes({ detail, advice = '' }: Finding, password: string): boolean {
  return (
    password.length >= 4 && `${detail} ${advice}`.toLowerCase().includes(password.toLowerCase())
  )
}

function withoutWords({ check, severity, requirements }: Finding): Finding {
  return { check, severity, detail: severity === 'none' ? 'Passed.' : 'Found.', requirements }
}

/** Audits a password. */
export async function audit(
  password: string,
  subject: AuditSubject,
): Promise<DeepReadonly<AuditResult>> {
  const findings = await Promise.all(
    auditChecks.map((check) => findingsOf(check, password, subject)),
  )
  return auditResult(findings.flat())
}

/**
 * What was found in several passwords as one result: of each check the gravest finding, which says how
 * many of them have it.
 */
export function mergedResult(
  results: readonly DeepReadonly<AuditResult>[],
): DeepReadonly<AuditResult> {
  const all = results.flatMap(({ findings }) => findings)
  const checks = [...new Set(all.map(({ check }) => check))]
  const gravest = checks.flatMap((check) => {
    const found = all.filter((one) => one.check === check).sort(byGravity)
    const [first] = found
    if (first === undefined || results.length === 1 || first.severity === 'none')
      return found.slice(0, 1)
    const like = found.filter(({ severity }) => severity === first.severity).length
    return [{ ...first, detail: `${like} of ${results.length} passwords: ${first.detail}` }]
  })
  return auditResult(gravest)
}

/** Whether a password made by this plan can pass an audit, whatever chance makes of it. */
export function canPassAudit(plan: Constraints): Promise<boolean> {
  return hasEnoughEntropy(plan)
}
