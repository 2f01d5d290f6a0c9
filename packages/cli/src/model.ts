import { createOfflineModel, type Model, ModelError, type Worker } from '@nanoagent/agents'
import type { Configuration } from './configuration.ts'
import { UsageError } from './errors.ts'

/** The model that the configuration names, or the offline one for these agents. */
export async function createModel(
  configuration: Configuration,
  agents: Iterable<Worker>,
): Promise<Model> {
  if (configuration.mode === 'mock') return createOfflineModel(agents)
  const { mode, sources, ...options } = configuration
  const { createOpenAIModel } = await import('@nanoagent/agents/openai')
  try {
    return createOpenAIModel(options)
  } catch (error) {
    throw error instanceof ModelError ? new UsageError(error.message) : error
  }
}
