import type { ModelRequest } from '../model.ts'
import { latestPrompt, type OfflineReply } from '../offline/offline-model.ts'

/** What a request must be like to get its answer. */
export interface RequestExpectation {
  /** In the latest message to the model: a part of it, or a pattern. */
  readonly prompt?: string | RegExp
  /** In the instructions: a part of them, or a pattern. */
  readonly instructions?: string | RegExp
  /** The names of all tools that it offers, in any order. */
  readonly tools?: readonly string[]
}

/** What the model answers: text, structured output, calls of tools, or an error to reject with. */
export type ScriptedAnswer = (OfflineReply | { readonly error: Error }) & {
  /** How long the answer takes, on the clock of the run. Default 0. */
  readonly delayMs?: number
  /** What the request must be like. Default: anything. */
  readonly expect?: RequestExpectation
}

/**
 * One scripted answer: an answer, an error to reject with, or a function of the request that gives either.
 * What the function throws is an expectation that failed.
 */
export type ScriptedReply =
  | ScriptedAnswer
  | Error
  | ((request: ModelRequest) => ScriptedAnswer | Error)

/** The answers for each role in their order, whatever the other roles ask meanwhile. */
export type ScriptByRole = Readonly<Record<string, readonly ScriptedReply[]>>

/** All answers in one order, each with the role that must ask for it. */
export type ScriptInOrder = readonly (readonly [role: string, reply: ScriptedReply])[]

/** The answers of a script that nobody has asked for yet. */
export class ScriptLeft {
  readonly #steps: (readonly [role: string, reply: ScriptedReply])[]
  readonly #isInOrder: boolean

  constructor(script: ScriptByRole | ScriptInOrder) {
    this.#isInOrder = isInOrder(script)
    this.#steps = isInOrder(script)
      ? [...script]
      : Object.entries(script).flatMap(([role, replies]) =>
          replies.map((reply) => [role, reply] as const),
        )
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0
  }

  /** The answer for a role's request; `undefined` where the script has none now. */
  take(role: string): ScriptedReply | undefined {
    const index = this.#steps.findIndex(([asked]) => this.#isInOrder || asked === role)
    if (this.#steps[index]?.[0] !== role) return undefined
    return this.#steps.splice(index, 1)[0]?.[1]
  }

  /** Which request it waits for instead of one of this role, as a person reads it. */
  expectedInstead(role: string): string {
    const [next] = this.#steps
    return this.#isInOrder && next !== undefined
      ? `expected a request of '${next[0]}'`
      : `expected no further request of '${role}'`
  }

  /** What is left, as a person reads it. */
  toString(): string {
    return this.#steps.map(([role, reply]) => `'${role}' ${shown(reply)}`).join(', ') || 'none'
  }
}

/** How a request differs from what is expected, as a person reads it; `undefined` where it does not. */
export function mismatch(
  request: ModelRequest,
  { prompt, instructions, tools }: RequestExpectation,
): string | undefined {
  const asked = latestPrompt(request)
  if (!fits(asked, prompt)) return `expected a prompt with ${String(prompt)}, got ${quoted(asked)}`
  if (!fits(request.instructions, instructions)) {
    return `expected instructions with ${String(instructions)}, got ${quoted(request.instructions)}`
  }
  if (tools === undefined) return undefined
  const [wanted, offered] = [tools, request.tools.map(({ name }) => name)].map((names) =>
    names.toSorted().join(', '),
  )
  return wanted === offered
    ? undefined
    : `expected the tools ${wanted || 'none'}, got ${offered || 'none'}`
}

/** The end of a text, which is where prompts differ, in quotes. */
export function quoted(text: string): string {
  return text.length > 300 ? `…${JSON.stringify(text.slice(-300))}` : JSON.stringify(text)
}

function isInOrder(script: ScriptByRole | ScriptInOrder): script is ScriptInOrder {
  return Array.isArray(script)
}

function fits(text: string, expected: string | RegExp | undefined): boolean {
  if (expected === undefined) return true
  return typeof expected === 'string' ? text.includes(expected) : text.search(expected) >= 0
}

function shown(reply: ScriptedReply): string {
  if (typeof reply === 'function') return 'a function'
  if (reply instanceof Error) return `an error (${reply.message})`
  if ('error' in reply) return `an error (${reply.error.message})`
  const { delayMs, expect, ...answer } = reply
  const json = JSON.stringify(answer)
  return json.length > 100 ? `${json.slice(0, 100)}…` : json
}
