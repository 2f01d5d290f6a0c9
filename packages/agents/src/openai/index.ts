export { baseUrlProblem, displayUrl } from './endpoint.ts'
export { createOpenAIModel, type OpenAIModelOptions } from './openai-model.ts'
