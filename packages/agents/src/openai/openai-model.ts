import { DEFAULTS } from '@nanoagent/bus'
import { z } from 'zod'
import type { Model } from '../model.ts'
import { ModelError } from '../model-error.ts'
import { type ChatClient, connect } from './client.ts'
import { readCompletion } from './completion.ts'
import { cleanDeltas } from './deltas.ts'
import { type Dialect, seenAsNoTools, standardDialect, stepDown } from './dialect.ts'
import { baseUrlProblem, displayUrl, OPENAI_BASE_URL } from './endpoint.ts'
import { Exchange, longestExchangeMs } from './exchange.ts'
import { type Fault, modelErrorOf, problemOf } from './faults.ts'
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
  /**
   * Longest silence: until the first byte of an answer, and between two pieces. Any sign of life
   * counts, a keep-alive comment too. 60,000 by default.
   */
  readonly timeoutMs?: number
  /** After the first try; 2 by default. */
  readonly maxRetries?: number
}

// setTimeout turns anything longer into 1 ms.
const longestTimeoutMs = 2 ** 31 - 1

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
    .default(OPENAI_BASE_URL),
  timeoutMs: z.int().min(1).max(longestTimeoutMs).default(DEFAULTS.modelTimeoutMs),
  maxRetries: z.int().min(0).default(DEFAULTS.modelRetries),
})

/**
 * Makes a model of any endpoint that speaks OpenAI's chat completions.
 *
 * Answers are streamed, and their pieces told to `onDelta`. An endpoint that does not stream, does not
 * count tokens, or cuts a stream in its own way works too.
 *
 * What may pass is tried again with a growing wait, or after the endpoint's `Retry-After`: connection
 * failures, silence, 408, 409, 429, 5xx, and an answer that breaks off or is malformed. An endpoint
 * that asks for more than 30 s is given up on at once. Whatever happens, one request is tried at most
 * `maxRetries + 1` times, and takes at most `(maxRetries + 1) * timeoutMs` and the waits.
 *
 * An answer that was cut off by the limit on its tokens is an error, `model_cut_off`.
 *
 * Where the endpoint refuses a part of the API (a strict schema, any schema, `json_object`, either of
 * them beside tools, `max_tokens`, `stream_options`, `stream`), the same request is made again
 * without it. What worked is remembered by model name, for as long as the returned object lives.
 * These steps add to the tries, and share their retries.
 *
 * Nothing is read from the environment but `OPENAI_CUSTOM_HEADERS`, which the client reads itself.
 *
 * @throws ModelError with code `model_misconfigured`, at once, when an option cannot work.
 */
export function createOpenAIModel(options: OpenAIModelOptions): Model {
  const settings = parseSettings(options)
  const { baseUrl, timeoutMs, maxRetries } = settings
  const redactor = redactorOf(settings.apiKey)
  const endpoint = redactor.url(displayUrl(baseUrl))
  const totalMs = longestExchangeMs(settings)

  let client: Promise<ChatClient> | undefined
  const dialects = new Map<string, Dialect>()

  return {
    name: settings.model,
    endpoint,
    async generate(request, { signal, onDelta }) {
      signal.throwIfAborted()
      client ??= connect(settings)
      const { complete } = await client

      const model = request.model ?? settings.model
      const context = { endpoint, model, timeoutMs, totalMs, redact: redactor.text }
      const fail = (fault: Fault) => modelErrorOf(seenAsNoTools(fault, request), context)
      const deltas = cleanDeltas(onDelta, redactor)
      const exchange = new Exchange({
        timeoutMs,
        maxRetries,
        deltas,
        describe: (fault) => problemOf(fault, context),
      })
      let dialect = dialects.get(model) ?? standardDialect
      for (;;) {
        const outcome = await complete(chatParams(request, model, dialect), exchange, signal)
        if ('answer' in outcome) {
          dialects.set(model, dialect)
          const { answer } = outcome
          return readCompletion(answer, { request, model, fail, clean: redactor.answer })
        }
        const next = stepDown(dialect, request, outcome.fault)
        if (next === undefined) throw fail(outcome.fault)
        deltas.tell({ kind: 'retry', reason: problemOf(outcome.fault, context) })
        dialect = next
      }
    },
  }
}

function parseSettings(options: OpenAIModelOptions): z.output<typeof Settings> {
  const settings = Settings.safeParse(options)
  if (settings.success) return settings.data
  const { model, baseUrl = OPENAI_BASE_URL } = options
  const redactor = redactorOf(String(options.apiKey))
  const endpoint = redactor.url(displayUrl(baseUrl))
  const problems = settings.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  const message = `model '${model}' at ${endpoint} cannot be set up: ${problems.join('; ')}`
  throw new ModelError(message, { code: 'model_misconfigured', endpoint, model })
}
