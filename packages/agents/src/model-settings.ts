import { DefinitionError } from './errors.ts'

/** How an agent's model requests are made; what is absent is left to the model. */
export interface ModelSettings {
  /** The model's name. */
  readonly model?: string
  /** From 0 to 2. */
  readonly temperature?: number
  /** Most tokens in one answer of the model. */
  readonly maxTokens?: number
}

/** Throws a `DefinitionError` where no endpoint would take an agent's settings. */
export function checkModelSettings(role: string, settings: ModelSettings): void {
  const { model, temperature, maxTokens } = settings
  const refuse = (problem: string): never => {
    throw new DefinitionError(`'${role}' ${problem}`)
  }
  if (model !== undefined && model.trim() === '') {
    refuse("has an empty model name: name one, or leave it out for the model's own")
  }
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 2)) {
    refuse(`has the temperature ${temperature}: give one from 0 to 2`)
  }
  if (maxTokens !== undefined && !(Number.isSafeInteger(maxTokens) && maxTokens >= 1)) {
    refuse(`has ${maxTokens} as maxTokens: give a whole number from 1`)
  }
}
