import * as z from 'zod'
import type { Constraints, PasswordKind } from './constraints.ts'

/** How much a finding matters: `none` is good, `low` good to know, `medium` and `high` fail the audit. */
export const Severity = z.enum(['none', 'low', 'medium', 'high'])
export type Severity = z.infer<typeof Severity>

/** One thing that an audit looked at. It never quotes the password. */
export const Finding = z.strictObject({
  check: z.string().describe('What was looked at'),
  severity: Severity,
  detail: z.string().describe('What was found, as a sentence'),
  advice: z.string().optional().describe('What to do; absent where there is nothing to do'),
  requirements: z
    .array(z.string())
    .min(1)
    .describe('What it is held against: standard, edition and number'),
})
export type Finding = z.infer<typeof Finding>

/** What is known of a password that is audited. */
export interface AuditSubject {
  readonly kind: PasswordKind
  /** How it was generated. */
  readonly made: Constraints
  /** The request, in whose words and numbers an attacker looks first. */
  readonly request: string
}

/** Digital identity guidelines, the final text of 2025: a section, and of a list its item. */
const nist = (section: string) => `NIST SP 800-63B-4 §${section}`

/** Application security verification standard. */
const asvs = (number: string) => `OWASP ASVS 5.0.0 V${number}`

/** The requirements that findings name, by what they are about. */
export const requirements = {
  /** At least 15 characters as the only factor, 8 beside another one. */
  length: [nist('3.1.1.2 (1)'), asvs('6.2.1')],
  /** 64 characters are accepted, and no password is cut off. */
  maximumLength: [nist('3.1.1.2 (2)'), nist('3.1.1.2 (9)'), asvs('6.2.8'), asvs('6.2.9')],
  /** All characters are accepted, and no composition is demanded. */
  characters: [nist('3.1.1.2 (3)'), nist('3.1.1.2 (5)'), asvs('6.2.5')],
  /** Unicode is accepted, and users are told that devices may write it differently. */
  unicode: [nist('3.1.1.2 (4)'), asvs('6.2.5')],
  /** The whole password is compared with commonly used and with breached ones. */
  common: [nist('3.1.1.2'), asvs('6.2.4'), asvs('6.2.12')],
  /** Nor is it made of words of its context. */
  personal: [nist('3.1.1.2'), asvs('6.2.11')],
  /** Nor is it one that is expected. */
  expected: [nist('3.1.1.2')],
  /** How much stands against guessing, online and with what was stolen. */
  entropy: [nist('A.2')],
  /** A PIN has at least four digits, better six. */
  pinLength: [nist('3.2.10')],
  /** A PIN needs limits on tries: 10 where it unlocks an authenticator, 100 at a service. */
  pinUse: [nist('3.2.10'), nist('3.2.2'), asvs('6.3.1')],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** A finding about one of the requirements. */
export function finding(
  check: string,
  severity: Severity,
  requirement: keyof typeof requirements,
  detail: string,
  advice?: string,
): Finding {
  return {
    check,
    severity,
    detail,
    ...(advice === undefined ? {} : { advice }),
    requirements: [...requirements[requirement]],
  }
}

/** Whether a finding fails the audit. */
export function fails({ severity }: { readonly severity: Severity }): boolean {
  return severity === 'medium' || severity === 'high'
}

/** Which of two severities weighs more, for sorting: the graver one first. */
export function byGravity(
  a: { readonly severity: Severity },
  b: { readonly severity: Severity },
): number {
  return Severity.options.indexOf(b.severity) - Severity.options.indexOf(a.severity)
}
