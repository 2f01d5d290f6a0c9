import { DEFAULTS } from '@nanoagent/bus'
import { z } from 'zod'
import type { Model } from '../model.ts'
import { ModelError } from '../model-error.ts'
import { type ChatClient, connect } from './client.ts'
import { readCompletion } from './completion.ts'
import { type Dialect, standardDialect, stepDown } from './dialect.ts'
import { baseUrlProblem, displayUrl } from './endpoint.ts'
import { type Fault, modelErrorOf } from './faults.ts'
import { chatParams } from './request.ts'
import { redactorOf } from './secrets.ts'

/** Where and how `createOpenAIModel` asks. */
export interface OpenAIModelOptions {
  /** The model's name at the endpoint, for requests that name none. */
  readonly model: string
  /** Sent as a bearer token. An endpoint that wants no key still needs some text here. */
  readonly apiKey: string
  /** Where the API begins; `https://api.openai.com/v1` by default. A query is kept, a fragment refused. */
  readonly baseUrl?: string
  /** Of one try, retries and the waits between them not counted; 60,000 by default. */
  readonly timeoutMs?: number
  /** After the first try; 2 by default. */
  readonly maxRetries?: number
}

// setTimeout turns anything longer into 1 ms.
const longestTimeoutMs = 2 ** 31 - 1

const defaultBaseUrl = 'https://api.openai.com/v1'

const Settings = z.object({
  model: z.string().trim().min(1, 'is empty: name a model that the endpoint offers'),
  apiKey: z
    .string()
    .regex(
      /^[\x21-\x7e]+$/,
      'is empty or has a space, a line break or a letter beyond ASCII: copy it anew, ' +
        'or write any word where the endpoint wants no key',
    ),
  baseUrl: z
    .string()
    .trim()
    .superRefine((url, context) => {
      const problem = baseUrlProblem(url)
      if (problem !== undefined) context.addIssue(problem)
    })
    .default(defaultBaseUrl),
  timeoutMs: z.int().min(1).max(longestTimeoutMs).default(DEFAULTS.modelTimeoutMs),
  maxRetries: z.int().min(0).default(DEFAULTS.modelRetries),
})

/**
 * Makes a model of any endpoint that speaks OpenAI's chat completions.
 *
 * Connection failures, timeouts, 408, 409, 429 and 5xx are retried with a growing wait, or after the
 * endpoint's `Retry-After`; an endpoint that asks for more than 30 s is given up on at once.
 *
 * Where the endpoint refuses a JSON schema as the answer's shape, the same request is asked again
 * with `json_object` and then with the schema in the system message alone. What worked is remembered
 * by model name, for as long as the returned object lives. Each such step is a further request with
 * retries of its own.
 *
 * Nothing is read from the environment but `OPENAI_CUSTOM_HEADERS`, which the client reads itself.
 *
 * @throws ModelError with code `model_misconfigured`, at once, when an option cannot work.
 */
export function createOpenAIModel(options: OpenAIModelOptions): Model {
  const settings = parseSettings(options)
  const { baseUrl, timeoutMs } = settings
  const redactor = redactorOf(settings.apiKey)
  const endpoint = redactor.url(displayUrl(baseUrl))

  let client: Promise<ChatClient> | undefined
  const dialects = new Map<string, Dialect>()

  return {
    name: settings.model,
    async generate(request, { signal }) {
      signal.throwIfAborted()
      client ??= connect(settings)
      const { complete } = await client

      const model = request.model ?? settings.model
      const fail = (fault: Fault) =>
        modelErrorOf(fault, { endpoint, model, timeoutMs, redact: redactor.text })
      let dialect = dialects.get(model) ?? standardDialect
      for (;;) {
        const outcome = await complete(chatParams(request, model, dialect), signal)
        if ('answer' in outcome) {
          const response = readCompletion(outcome.answer, { request, model, fail })
          dialects.set(model, dialect)
          return response
        }
        const next = stepDown(dialect, request, outcome.fault)
        if (next === undefined) throw fail(outcome.fault)
        dialect = next
      }
    },
  }
}

function parseSettings(options: OpenAIModelOptions): z.output<typeof Settings> {
  const settings = Settings.safeParse(options)
  if (settings.success) return settings.data
  const { model, baseUrl = defaultBaseUrl } = options
  const redactor = redactorOf(String(options.apiKey))
  const endpoint = redactor.url(displayUrl(baseUrl))
  const problems = settings.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  const message = `model '${model}' at ${endpoint} cannot be set up: ${problems.join('; ')}`
  throw new ModelError(message, { code: 'model_misconfigured', endpoint, model })
}
