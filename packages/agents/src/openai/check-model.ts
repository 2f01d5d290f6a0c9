import { toJsonSchema } from '@nanoagent/bus'
import { z } from 'zod'
import { withoutFence } from '../generate.ts'
import { describeIssues } from '../issues.ts'
import type { Model, ModelDelta, ModelRequest, ModelResponse } from '../model.ts'
import { excerpt } from './excerpt.ts'
import type { Finding } from './finding.ts'

/** Whom a check asks. */
export interface Asking {
  readonly model: Model
  readonly signal: AbortSignal
  readonly redact: (text: string) => string
}

/** Most tokens of an answer to a check. A few words need few, but a reasoning model thinks first. */
export const ANSWER_TOKENS = 1_000

interface Answer {
  readonly response: ModelResponse
  readonly deltas: readonly ModelDelta[]
}

async function ask({ model, signal }: Asking, request: Partial<ModelRequest>): Promise<Answer> {
  const deltas: ModelDelta[] = []
  const response = await model.generate(
    {
      agent: 'endpoint-check',
      instructions: '',
      messages: [],
      tools: [],
      maxTokens: ANSWER_TOKENS,
      ...request,
    },
    { signal, onDelta: (delta) => deltas.push(delta) },
  )
  return { response, deltas }
}

const user = (content: string) => ({ messages: [{ role: 'user' as const, content }] })

const greeting: Partial<ModelRequest> = user('Answer with the word ready.')

/** Checks that the model answers, whether piece by piece, and whether the tokens are counted. */
export async function checkModel(asking: Asking): Promise<Finding> {
  const { response, deltas } = await ask(asking, greeting)
  const { content, usage, toolCalls } = response
  if (content.trim() === '' && toolCalls.length === 0) {
    return {
      status: 'limited',
      detail: `the model answered without a word, with at most ${ANSWER_TOKENS} tokens`,
      nextStep: 'if it is a reasoning model, give it less to think about, or use another',
    }
  }
  const streams = deltas.some(({ kind }) => kind !== 'retry') ? 'answers piece by piece' : 'answers'
  if (usage.inputTokens + usage.outputTokens === 0) {
    return {
      status: 'limited',
      detail: `the model ${streams}; the endpoint does not say how many tokens it used`,
      nextStep: 'do without a limit on the tokens of a run, which would never be reached',
    }
  }
  return {
    status: 'ok',
    detail: `the model ${streams}, ${usage.inputTokens} tokens in and ${usage.outputTokens} out`,
  }
}

const Sum = z.object({ a: z.number(), b: z.number() })

const sum: Partial<ModelRequest> = {
  ...user('Call the tool add with 2 and 3.'),
  tools: [
    { name: 'add', description: 'Adds two numbers.', parameters: toJsonSchema(Sum, 'input') },
  ],
}

/** Checks that the model calls the tool that it is told to call. */
export async function checkToolCalling(asking: Asking): Promise<Finding> {
  const { response } = await ask(asking, sum)
  const call = response.toolCalls.find(({ name }) => name === 'add')
  if (call === undefined) {
    return {
      status: 'failed',
      detail: 'the model was told to call a tool, and did not',
      nextStep: 'use a model that calls tools, or an endpoint that passes them on',
    }
  }
  const problem = problemWith(call.arguments, Sum)
  if (problem === undefined) return { status: 'ok', detail: 'the model calls tools' }
  return {
    status: 'limited',
    detail: `the model calls tools, but the arguments of its call do not fit: ${problem}`,
    nextStep: 'nothing at first: an agent tells its model, which may correct itself',
  }
}

const Ready = z.object({ ready: z.boolean(), sum: z.number() })

const structured: Partial<ModelRequest> = {
  ...user('Say in JSON that you are ready, and the sum of 2 and 3.'),
  output: { name: 'endpoint-check', schema: toJsonSchema(Ready, 'output') },
}

/** Checks that the model's answer fits the JSON schema that it is asked for by. */
export async function checkStructuredOutput(asking: Asking): Promise<Finding> {
  const { response, deltas } = await ask(asking, structured)
  const problem = problemWith(withoutFence(response.content), Ready)
  if (problem !== undefined) {
    const said = excerpt(response.content, asking.redact)
    return {
      status: 'failed',
      detail: `the answer does not fit the JSON schema: ${problem}${said === '' ? '' : `; it was: ${said}`}`,
      nextStep: 'use a model, or an endpoint, that follows a JSON schema',
    }
  }
  // The endpoint was asked again in other words.
  const refusal = deltas.find((delta) => delta.kind === 'retry')
  if (refusal === undefined) return { status: 'ok', detail: 'the answer fits the JSON schema' }
  return {
    status: 'limited',
    detail:
      'the endpoint takes no JSON schema; asked for JSON in other words, the model gives an answer that fits',
    nextStep: 'nothing: agents ask in the same way',
  }
}

/** What keeps JSON text from fitting a schema. */
function problemWith(text: string, schema: z.ZodType): string | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return 'it is not JSON'
  }
  const parsed = schema.safeParse(json)
  return parsed.success ? undefined : describeIssues(parsed.error)
}
