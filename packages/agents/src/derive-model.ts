import type { Model } from './model.ts'

/** A model that says of itself what another one does, and answers in its own way. */
export function deriveModel(model: Model, generate: Model['generate']): Model {
  const { name, endpoint } = model
  return endpoint === undefined ? { name, generate } : { name, endpoint, generate }
}
