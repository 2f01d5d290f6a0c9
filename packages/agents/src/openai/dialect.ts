import type { ModelRequest } from '../model.ts'
import type { Fault } from './faults.ts'
import { strictSchema } from './strict-schema.ts'

/** How much of the API an endpoint was found to understand for one model. */
export interface Dialect {
  /**
   * How an answer's shape is asked for: by a schema that it must follow, by one that it is shown, as
   * some JSON object, or in words alone.
   */
  readonly output: 'strict_schema' | 'json_schema' | 'json_object' | 'words'
  /** Whether a shape may be asked for beside tools; else it is said in words there. */
  readonly outputBesideTools: boolean
  /** What the limit on the answer's tokens is called: reasoning models refuse the old name. */
  readonly tokenLimit: 'max_tokens' | 'max_completion_tokens'
  /** Whether the answer comes in pieces, and says at its end what it used. */
  readonly stream: 'with_usage' | 'plain' | 'off'
}

/** What an endpoint is taken to understand until it says otherwise. */
export const standardDialect: Dialect = {
  output: 'strict_schema',
  outputBesideTools: true,
  tokenLimit: 'max_tokens',
  stream: 'with_usage',
}

// OpenAI, Groq, DeepSeek, Gemini, vLLM and llama.cpp each say it in their own words.
const aboutOutput =
  /response[ _]?(format|mime type)|json[ _]?(schema|object|mode)|structured output/i

// The endpoint knows schemas and finds a fault in this one.
const aboutThisSchema = /invalid schema/i

const aboutTools = /\btools?\b|tool_choice|function.?call/i

/** The form in which a request's answer is asked for in a dialect. */
export function outputOf(dialect: Dialect, { tools }: ModelRequest): Dialect['output'] {
  return tools.length > 0 && !dialect.outputBesideTools ? 'words' : dialect.output
}

/** The dialect to try next after a fault; undefined where the fault is not about the dialect. */
export function stepDown(
  dialect: Dialect,
  request: ModelRequest,
  fault: Fault,
): Dialect | undefined {
  if (fault.kind !== 'status' || (fault.status !== 400 && fault.status !== 422)) return undefined
  const { body } = fault
  if (
    request.maxTokens !== undefined &&
    dialect.tokenLimit === 'max_tokens' &&
    body.includes('max_completion_tokens')
  ) {
    return { ...dialect, tokenLimit: 'max_completion_tokens' }
  }
  if (dialect.stream === 'with_usage' && /stream_options|include_usage/.test(body)) {
    return { ...dialect, stream: 'plain' }
  }
  const form = outputOf(dialect, request)
  if (request.output !== undefined && form !== 'words' && aboutOutput.test(body)) {
    if (aboutThisSchema.test(body)) {
      // Where it was not sent as strict, the fault is for its author to see.
      return form === 'strict_schema' && strictSchema(request.output.schema) !== undefined
        ? { ...dialect, output: 'json_schema' }
        : undefined
    }
    if (request.tools.length > 0 && aboutTools.test(body)) {
      return { ...dialect, outputBesideTools: false }
    }
    return { ...dialect, output: form === 'json_object' ? 'words' : 'json_object' }
  }
  if (dialect.stream !== 'off' && /\bstream(ed|ing)?\b/i.test(body)) {
    return { ...dialect, stream: 'off' }
  }
  return undefined
}

/** The same fault, told as what it is where an endpoint refuses a request because it knows no tools. */
export function seenAsNoTools(fault: Fault, { tools }: ModelRequest): Fault {
  if (fault.kind !== 'status' || tools.length === 0) return fault
  const { status, body } = fault
  const mayBe = [400, 404, 422].includes(status) || status >= 500
  return mayBe && saysNoTools(body) ? { kind: 'no_tools', status, body } : fault
}

function saysNoTools(body: string): boolean {
  return (
    aboutTools.test(body) &&
    !aboutThisSchema.test(body) &&
    /support|require|unknown|unrecogni[sz]ed|not permitted|not allowed|not enabled/i.test(body)
  )
}
