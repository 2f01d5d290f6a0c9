import {
  type DeepReadonly,
  type DeliveryContext,
  describe,
  TerminalError,
  toJsonSchema,
} from '@nanoagent/bus'
import type { z } from 'zod'
import { DefinitionError, GenerationError } from './errors.ts'
import { resolveHandles, unknownHandles } from './handles.ts'
import { describeIssues } from './issues.ts'
import type {
  JsonSchema,
  Model,
  ModelDelta,
  ModelMessage,
  ModelRequest,
  ModelResponse,
  ToolCall,
} from './model.ts'
import type { Tool } from './tool.ts'
import type { GenerateOptions, Worker } from './worker.ts'

/** What one `generate` works with. */
export interface Generation {
  readonly agent: Worker
  readonly model: Model
  readonly delivery: DeliveryContext
  /** Calls a tool with parsed parameters, as a step, and gives its result. */
  callParsed(tool: Tool, parameters: unknown): Promise<unknown>
  readonly toolRounds: number
  readonly corrections: number
  /** Longest time for one model request, with whatever its client does. */
  readonly modelWaitMs: number
  readonly onDelta: ((delta: ModelDelta) => void) | undefined
}

/**
 * Asks the model until it answers: each round is one recorded model request, then the tool calls
 * that it asked for, all at once. With `output` the answer is parsed by it, and the model gets a few
 * chances to correct what does not fit.
 */
export async function generate(
  generation: Generation,
  options: GenerateOptions & { readonly output?: z.ZodType },
): Promise<unknown> {
  const { delivery, agent } = generation
  const { output, tools = agent.tools } = options
  const toolRounds = options.toolRounds ?? generation.toolRounds
  const corrections = options.corrections ?? generation.corrections
  const base = baseRequest(agent, options, tools)
  const messages: ModelMessage[] = [
    ...(options.history ?? []),
    { role: 'user', content: options.prompt },
  ]
  let rounds = 0
  let corrected = 0
  for (;;) {
    const response = await request(generation, { ...base, messages: [...messages] })
    const { content, toolCalls } = response
    if (toolCalls.length > 0) {
      if (++rounds > toolRounds) throw endlessTools(generation, toolRounds, toolCalls)
      messages.push({ role: 'assistant', content, toolCalls })
      const results = await Promise.all(
        toolCalls.map((call) => answerCall(generation, tools, call)),
      )
      messages.push(...results)
      continue
    }
    if (output === undefined) return content
    const answer = readJson(content, output, (handle) => delivery.secret(handle))
    if (answer.ok) return answer.value
    if (++corrected > corrections) {
      throw new GenerationError(
        'schema_never_satisfied',
        `the answer of ${modelOf(generation)} to '${agent.role}' did not fit after ` +
          `${corrections} corrections: ` +
          `${answer.problem.replace(/\.$/, '')}; try another model or a simpler output schema`,
      )
    }
    messages.push(
      { role: 'assistant', content },
      {
        role: 'user',
        content: `Your answer does not fit: ${answer.problem}. Answer again, with the corrected JSON alone.`,
      },
    )
  }
}

function baseRequest(
  agent: Worker,
  options: GenerateOptions & { readonly output?: z.ZodType },
  tools: readonly Tool[],
): Omit<ModelRequest, 'messages'> {
  const { output } = options
  return {
    agent: agent.role,
    instructions: options.instructions ?? agent.instructions,
    tools: tools.map(({ spec }) => spec),
    ...(output === undefined
      ? {}
      : { output: { name: `${agent.role}-answer`, schema: outputSchema(agent, output) } }),
    ...(agent.model === undefined ? {} : { model: agent.model }),
    ...(agent.temperature === undefined ? {} : { temperature: agent.temperature }),
    ...(agent.maxTokens === undefined ? {} : { maxTokens: agent.maxTokens }),
  }
}

function outputSchema(agent: Worker, output: z.ZodType): JsonSchema {
  try {
    return toJsonSchema(output, 'output')
  } catch (cause) {
    throw new DefinitionError(
      `the output schema that '${agent.role}' asks for is more than JSON Schema can say ` +
        `(${describe(cause)}): use plain JSON types and secret()`,
      { cause },
    )
  }
}

function request(
  generation: Generation,
  request: ModelRequest,
): Promise<DeepReadonly<ModelResponse>> {
  const { delivery, model, modelWaitMs, onDelta } = generation
  return delivery.step<ModelResponse>({
    kind: 'model',
    name: request.model ?? model.name,
    request,
    perform: ({ signal }) =>
      model.generate(request, { signal, ...(onDelta === undefined ? {} : { onDelta }) }),
    waits: true,
    waitsFor: modelOf(generation),
    waitTimeoutMs: modelWaitMs,
    waitTimeoutMessage:
      `${modelOf(generation)} gave no answer within ${modelWaitMs} ms, its queue and retries ` +
      'included: raise modelWaitMs, or modelRequestsAtOnce where many wait for their turn',
    usage: ({ usage }) => usage,
  })
}

/** Executes one tool call; what goes wrong with it is told to the model, which may try again. */
async function answerCall(
  generation: Generation,
  tools: readonly Tool[],
  call: ToolCall,
): Promise<ModelMessage> {
  const { delivery } = generation
  const say = (content: unknown): ModelMessage => ({
    role: 'tool',
    toolCallId: call.id,
    content: JSON.stringify(content) ?? 'null',
  })
  const tool = tools.find(({ name }) => name === call.name)
  if (tool === undefined) {
    const names = tools.map(({ name }) => name).join(', ') || 'none'
    return say({ error: `there is no tool '${call.name}'; the tools are: ${names}` })
  }
  const parameters = readJson(call.arguments, tool.parameters, (handle) => delivery.secret(handle))
  if (!parameters.ok) {
    return say({ error: `the arguments of '${call.name}' do not fit: ${parameters.problem}` })
  }
  try {
    return say(await generation.callParsed(tool, parameters.value))
  } catch (error) {
    delivery.assertOpen(`the result of '${call.name}'`)
    if (error instanceof TerminalError) throw error
    // The error of a step was redacted when it was recorded; what has become secret since must not matter.
    return say({ error: describe(error) })
  }
}

/** Parses JSON text that a model wrote. */
function readJson<T>(
  text: string,
  schema: z.ZodType<T>,
  secretOf: Parameters<typeof resolveHandles>[1],
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string } {
  let json: unknown
  try {
    json = JSON.parse(withoutFence(text))
  } catch {
    return { ok: false, problem: 'it is not JSON' }
  }
  const parsed = schema.safeParse(resolveHandles(json, secretOf))
  if (parsed.success) {
    const unknown = unknownHandles(parsed.data, secretOf)
    if (unknown.length === 0) return { ok: true, value: parsed.data }
    return {
      ok: false,
      problem: `no secret has the handle ${unknown.join(', ')}: copy handles exactly as they were given`,
    }
  }
  return { ok: false, problem: describeIssues(parsed.error) }
}

/**
 * JSON text without what some models put around it, whatever they are told: a Markdown code fence with
 * a remark before or behind it, and before all that thoughts that their endpoint leaves in the answer.
 */
export function withoutFence(text: string): string {
  const said = text.replace(/^\s*<think>[\s\S]*?<\/think>/, '')
  if (/^\s*[{[]/.test(said)) return said
  return /```(?:json)?\s*\n([\s\S]*?)\n\s*```/.exec(said)?.[1] ?? said
}

function endlessTools(
  generation: Generation,
  rounds: number,
  calls: readonly ToolCall[],
): GenerationError {
  return new GenerationError(
    'tool_rounds_exhausted',
    `${modelOf(generation)} still calls tools (${calls.map(({ name }) => name).join(', ')}) ` +
      `for '${generation.agent.role}' after ${rounds} rounds: raise toolRounds, make the ` +
      'instructions clearer, or try another model',
  )
}

/** The model that an agent asks, and where, for errors. */
function modelOf({ agent, model }: Generation): string {
  const at = model.endpoint === undefined ? '' : ` at ${model.endpoint}`
  return `model '${agent.model ?? model.name}'${at}`
}
