export {
  type CheckEndpointOptions,
  checkEndpoint,
  ENDPOINT_CHECKS,
  type EndpointCheck,
} from './check-endpoint.ts'
export { baseUrlProblem, displayUrl, OPENAI_BASE_URL } from './endpoint.ts'
export type { Finding } from './finding.ts'
export { createOpenAIModel, type OpenAIModelOptions } from './openai-model.ts'
