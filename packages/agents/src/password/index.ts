export { canPass } from './can-pass.ts'
export { PasswordKind } from './constraints.ts'
export {
  GenerateOptions,
  generatePassword,
  ImpossibleOptionsError,
  planOptions,
} from './generate.ts'
export { personalWords } from './personal-words.ts'
export { Plan, planProblems } from './plan.ts'
export type { RandomInt } from './random.ts'
export { namesPassword, readRequest, wantsCheck } from './request.ts'
export { checkStrength, type StrengthOptions, StrengthReport } from './strength.ts'
