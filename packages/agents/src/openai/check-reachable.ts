import { connectionWords } from './connection-fault.ts'
import { excerpt } from './excerpt.ts'
import type { Finding } from './finding.ts'
import type { ModelListing } from './list-models.ts'

/** Whom a listing is about. */
interface ReachableContext {
  /** As people may see it. */
  readonly endpoint: string
  readonly model: string
  readonly timeoutMs: number
  readonly redact: (text: string) => string
}

const checkBaseUrl = "check that the base URL ends where the API begins, such as in '/v1'"

/** What a listing says of an endpoint: whether it can be reached, takes the key and has the model. */
export function reachableFinding(listing: ModelListing, context: ReachableContext): Finding {
  const { endpoint, timeoutMs, redact } = context
  switch (listing.kind) {
    case 'list':
      return listFinding(listing.ids, context)
    case 'other':
      return {
        status: 'limited',
        detail: `${endpoint} answers, but not with a list of models: ${excerpt(listing.body, redact) || 'with nothing'}`,
        nextStep: checkBaseUrl,
      }
    case 'status':
      return statusFinding(listing, context)
    case 'timeout':
      return {
        status: 'failed',
        detail: `${endpoint} gave no answer within ${timeoutMs / 1_000} s`,
        nextStep: 'check that the endpoint runs, and the host and port in the base URL',
      }
    case 'connection': {
      const { problem, nextStep } = connectionWords(listing.cause, redact)
      return { status: 'failed', detail: `${endpoint} ${problem}`, nextStep }
    }
  }
}

function statusFinding(
  { status, body }: Extract<ModelListing, { readonly kind: 'status' }>,
  { endpoint, redact }: ReachableContext,
): Finding {
  const words = excerpt(body, redact)
  const said = words === '' ? '' : `; it said: ${words}`
  // A key may be allowed to ask models but not to list them, which OpenAI calls a missing scope.
  if (status === 401 && !/\bscopes?\b/i.test(body)) {
    return {
      status: 'failed',
      detail: `${endpoint} refused the API key (401)${said}`,
      nextStep: 'check the key, and that it belongs to this endpoint',
    }
  }
  if (status === 401 || status === 403) {
    return {
      status: 'limited',
      detail: `${endpoint} can be reached, and does not let this API key list models (${status})${said}`,
      nextStep: 'nothing, if the model answers',
    }
  }
  if (status === 404 || status === 405 || status === 501) {
    return { status: 'ok', detail: `${endpoint} can be reached; it lists no models (${status})` }
  }
  return {
    status: 'limited',
    detail: `${endpoint} can be reached, and did not list its models (${status})${said}`,
    nextStep: status >= 500 || status === 429 ? 'try again later' : checkBaseUrl,
  }
}

function listFinding(
  ids: readonly string[],
  { endpoint, model, redact }: ReachableContext,
): Finding {
  const offers = `${endpoint} offers ${ids.length} ${ids.length === 1 ? 'model' : 'models'}`
  // Ollama lists 'llama3.2:latest', Gemini 'models/gemini-2.5-flash'; both take the short name.
  const isModel = (id: string) =>
    id === model || id === `${model}:latest` || id.endsWith(`/${model}`)
  if (ids.some(isModel)) return { status: 'ok', detail: `${offers}, '${model}' among them` }
  const similar = similarTo(model, ids).map((id) => `'${excerpt(id, redact)}'`)
  return {
    status: 'limited',
    detail: `${offers}, and '${model}' is not among them`,
    nextStep: `check the model's name${similar.length === 0 ? '' : `; there is ${similar.join(', ')}`}`,
  }
}

/** A few names, those that begin most like the model's first. */
function similarTo(model: string, ids: readonly string[]): readonly string[] {
  const likeness = (id: string) => {
    let length = 0
    while (length < id.length && id[length] === model[length]) length++
    return length
  }
  return ids.toSorted((a, b) => likeness(b) - likeness(a)).slice(0, 3)
}
