import type { Model } from '../model.ts'
import { ModelError } from '../model-error.ts'
import {
  ANSWER_TOKENS,
  type Asking,
  checkModel,
  checkStructuredOutput,
  checkToolCalling,
} from './check-model.ts'
import { reachableFinding } from './check-reachable.ts'
import { displayUrl, OPENAI_BASE_URL } from './endpoint.ts'
import type { Finding } from './finding.ts'
import { listModels } from './list-models.ts'
import { createOpenAIModel, type OpenAIModelOptions } from './openai-model.ts'
import { redactorOf } from './secrets.ts'

/** What is checked of an endpoint, in this order. */
export const ENDPOINT_CHECKS = ['endpoint', 'model', 'tool_calling', 'structured_output'] as const

/** One check of an endpoint, and what it found. */
export interface EndpointCheck extends Finding {
  readonly name: (typeof ENDPOINT_CHECKS)[number]
  /** How long it took. */
  readonly ms: number
}

/** What is checked, and until when. */
export interface CheckEndpointOptions extends Omit<OpenAIModelOptions, 'maxRetries'> {
  /** Ends the checks, which reject with its reason. */
  readonly signal?: AbortSignal
}

/** Time for the list of models: nothing has to be computed for it. */
const LIST_TIMEOUT_MS = 10_000

/**
 * Checks what an endpoint can do, with one request for each of `ENDPOINT_CHECKS`, and gives each
 * result as it comes. Nothing is asked again where it fails. A request is asked in other words where
 * the endpoint refuses the usual ones, such as a JSON schema.
 *
 * @throws ModelError with code `model_misconfigured`, at once, when an option cannot work.
 */
export function checkEndpoint(options: CheckEndpointOptions): AsyncIterable<EndpointCheck> {
  const { signal = new AbortController().signal, ...settings } = options
  const model = createOpenAIModel({ ...settings, maxRetries: 0 })
  return checks(model, settings, signal)
}

async function* checks(
  model: Model,
  settings: OpenAIModelOptions,
  signal: AbortSignal,
): AsyncGenerator<EndpointCheck> {
  const { apiKey, baseUrl = OPENAI_BASE_URL, timeoutMs = LIST_TIMEOUT_MS } = settings
  const { text: redact, url } = redactorOf(apiKey)
  const asking: Asking = { model, signal, redact }
  const listing = {
    baseUrl: baseUrl.trim(),
    apiKey,
    timeoutMs: Math.min(timeoutMs, LIST_TIMEOUT_MS),
    signal,
  }
  const find: Record<EndpointCheck['name'], () => Promise<Finding>> = {
    endpoint: async () =>
      reachableFinding(await listModels(listing), {
        endpoint: url(displayUrl(listing.baseUrl)),
        model: model.name,
        timeoutMs: listing.timeoutMs,
        redact,
      }),
    model: () => checkModel(asking),
    tool_calling: () => checkToolCalling(asking),
    structured_output: () => checkStructuredOutput(asking),
  }

  let failed: EndpointCheck['name'] | undefined
  for (const name of ENDPOINT_CHECKS) {
    if (failed !== undefined) {
      yield { name, status: 'skipped', detail: `not asked, since ${failed} failed`, ms: 0 }
      continue
    }
    const startedAt = performance.now()
    const finding = await find[name]().catch(failureFinding)
    yield { name, ...finding, ms: Math.round(performance.now() - startedAt) }
    // Without tools a model may still give structured output; without an answer it gives nothing.
    if (finding.status === 'failed' && name !== 'tool_calling') failed = name
  }
}

function failureFinding(error: unknown): Finding {
  if (!(error instanceof ModelError)) throw error
  const code: string = error.code
  if (code !== 'model_cut_off') return { status: 'failed', detail: error.message }
  return {
    status: 'limited',
    detail: `the model was still at work after ${ANSWER_TOKENS} tokens, where this check cuts it off`,
    nextStep: 'expect answers that take long; a model that thinks less is faster',
  }
}
