export { type CharacterClass, characterClasses, characters, lookAlikes } from './characters.ts'
export {
  type Constraints,
  constraintProblems,
  lengths,
  PasswordKind,
} from './constraints.ts'
export {
  GenerateOptions,
  generatePassword,
  ImpossibleOptionsError,
  planOptions,
  type RandomInt,
} from './generate.ts'
export { personalWords } from './personal-words.ts'
export { checkPin, type PinReport } from './pin.ts'
export { maxCount, Plan, planProblems } from './plan.ts'
export type { StrengthCheck } from './plan-checks.ts'
export { readRequest } from './request.ts'
export { checkStrength, minStrongLength, type StrengthOptions, StrengthReport } from './strength.ts'
