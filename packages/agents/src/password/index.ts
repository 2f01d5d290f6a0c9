export {
  AuditResult,
  auditChecks,
  auditResult,
  canPassAudit,
  findingsOf,
  mergedResult,
} from './audit.ts'
export { type AuditSubject, Finding, fails } from './audit-finding.ts'
export { canPass } from './can-pass.ts'
export { PasswordKind } from './constraints.ts'
export {
  GenerateOptions,
  generatePassword,
  ImpossibleOptionsError,
  optionConstraints,
  planOptions,
} from './generate.ts'
export { factsOf, GuidanceText, PasswordFacts, writeGuidance } from './guidance.ts'
export { personalWords } from './personal-words.ts'
export { Plan, planProblems } from './plan.ts'
export { concerns, Preference, readStatements } from './preference.ts'
export { PurposeUse, readUse, useExplanations } from './purpose-use.ts'
export type { RandomInt } from './random.ts'
export { namesPassword, readRequest, wantsCheck } from './request.ts'
export { checkStrength, type StrengthOptions, StrengthReport } from './strength.ts'
