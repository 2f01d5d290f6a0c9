import type { ModelRequest } from '../model.ts'
import type { Fault } from './faults.ts'

/** How much of the API an endpoint was found to understand for one model. */
export interface Dialect {
  /** How an answer's shape is asked for: by schema, as some JSON object, or in words alone. */
  readonly output: 'json_schema' | 'json_object' | 'words'
  /** What the limit on the answer's tokens is called: reasoning models refuse the old name. */
  readonly tokenLimit: 'max_tokens' | 'max_completion_tokens'
}

/** What an endpoint is taken to understand until it says otherwise. */
export const standardDialect: Dialect = { output: 'json_schema', tokenLimit: 'max_tokens' }

// OpenAI, Groq, DeepSeek, Gemini, vLLM and llama.cpp each say it in their own words.
const aboutOutput =
  /response[ _]?(format|mime type)|json[ _]?(schema|object|mode)|structured output/i

// The endpoint knows schemas and finds a fault in this one: that is for the schema's author to see.
const aboutThisSchema = /invalid schema/i

/** The dialect to try next after a fault; undefined where the fault is not about the dialect. */
export function stepDown(
  dialect: Dialect,
  request: ModelRequest,
  fault: Fault,
): Dialect | undefined {
  if (fault.kind !== 'status' || (fault.status !== 400 && fault.status !== 422)) return undefined
  if (
    request.maxTokens !== undefined &&
    dialect.tokenLimit === 'max_tokens' &&
    fault.body.includes('max_completion_tokens')
  ) {
    return { ...dialect, tokenLimit: 'max_completion_tokens' }
  }
  if (
    request.output === undefined ||
    dialect.output === 'words' ||
    !aboutOutput.test(fault.body) ||
    aboutThisSchema.test(fault.body)
  ) {
    return undefined
  }
  return { ...dialect, output: dialect.output === 'json_schema' ? 'json_object' : 'words' }
}
