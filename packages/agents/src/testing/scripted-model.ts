import { describe, type Runtime, systemRuntime } from '@nanoagent/bus'
import { deriveModel } from '../derive-model.ts'
import type { Model, ModelCallOptions, ModelDelta, ModelRequest, ModelResponse } from '../model.ts'
import { toResponse } from '../offline/offline-model.ts'
import { UnexpectedRequestError } from './errors.ts'
import {
  mismatch,
  quoted,
  type ScriptByRole,
  type ScriptedAnswer,
  type ScriptedReply,
  type ScriptInOrder,
  ScriptLeft,
} from './script.ts'
import { sleep } from './sleep.ts'

/** A model that says what a test has written down. */
export interface ScriptedModel extends Model {
  /** Every request so far, in order. */
  readonly requests: readonly ModelRequest[]
  /** Throws where scripted answers were not asked for, or requests came that nobody expected. */
  assertDone(): void
}

/**
 * Creates a model that answers by a script: each role's answers in their order, or all in one order as a
 * list of `[role, answer]`. A request that the script does not expect fails its delivery at once;
 * `assertDone` finds it again, and the answers that are left over. Who streams gets an answer word by word.
 *
 * `runtime` has the clock of the delays. Default: that of `runAgent` or `runTeam`, elsewhere the real one.
 */
export function createScriptedModel(
  script: ScriptByRole | ScriptInOrder,
  options: { readonly runtime?: Runtime } = {},
): ScriptedModel {
  return new Scripted(script, options.runtime)
}

/** What a scripted model knows of the run that it is asked in. */
export interface AskingRun {
  /** The clock of the delays, where the model has none of its own. */
  readonly runtime: Runtime
  /** What the latest attempt of a role failed with, where it is tried again. */
  failureOf(role: string): string | undefined
}

/** The model as it is asked in this run, where it is scripted. */
export function askedIn(run: AskingRun, model: Model): Model {
  if (!(model instanceof Scripted)) return model
  return deriveModel(model, (request, options) => model.answer(request, options, run))
}

const noRun: AskingRun = { runtime: systemRuntime, failureOf: () => undefined }

class Scripted implements ScriptedModel {
  readonly name = 'scripted'
  readonly requests: ModelRequest[] = []
  readonly generate: Model['generate']
  readonly assertDone: () => void
  readonly #left: ScriptLeft
  readonly #runtime: Runtime | undefined
  readonly #failures: UnexpectedRequestError[] = []

  constructor(script: ScriptByRole | ScriptInOrder, runtime: Runtime | undefined) {
    this.#left = new ScriptLeft(script)
    this.#runtime = runtime
    // Of its own, so that a test can spread the model and replace a part of it.
    this.generate = (request, options) => this.answer(request, options, noRun)
    this.assertDone = () => this.#assertDone()
  }

  async answer(
    request: ModelRequest,
    { signal, onDelta }: ModelCallOptions,
    run: AskingRun,
  ): Promise<ModelResponse> {
    signal.throwIfAborted()
    this.requests.push(request)
    const answer = this.#answerTo(request, run.failureOf(request.agent))
    if (answer.delayMs !== undefined) {
      await sleep(this.#runtime ?? run.runtime, answer.delayMs, signal)
    }
    if ('error' in answer) throw answer.error
    const response = { ...toResponse(request, answer), model: this.name }
    if (onDelta !== undefined) for (const delta of piecesOf(response)) onDelta(delta)
    return response
  }

  #answerTo(request: ModelRequest, failure: string | undefined): ScriptedAnswer {
    const { agent } = request
    // One request too many is mostly that of a handler that failed and starts anew.
    const why = failure === undefined ? '' : `; it asks again because an attempt failed: ${failure}`
    const reply = this.#left.take(agent)
    if (reply === undefined) {
      const last = quoted(request.messages.at(-1)?.content ?? '')
      throw this.#failure(
        `unexpected model request of ${this.#numbered(agent)}, which ends with ${last}: ` +
          `${this.#left.expectedInstead(agent)} (answers left: ${this.#left})${why}`,
      )
    }
    const answer = asAnswer(typeof reply === 'function' ? this.#call(reply, request) : reply)
    const problem = answer.expect === undefined ? undefined : mismatch(request, answer.expect)
    if (problem !== undefined) {
      throw this.#failure(`unexpected model request of ${this.#numbered(agent)}: ${problem}${why}`)
    }
    return answer
  }

  #call(
    reply: Extract<ScriptedReply, (request: ModelRequest) => unknown>,
    request: ModelRequest,
  ): ScriptedAnswer | Error {
    try {
      return reply(request)
    } catch (cause) {
      const what = `the script refused the model request of ${this.#numbered(request.agent)}`
      throw this.#failure(`${what}: ${describe(cause)}`, { cause })
    }
  }

  #failure(message: string, options?: ErrorOptions): UnexpectedRequestError {
    const error = new UnexpectedRequestError(message, options)
    this.#failures.push(error)
    return error
  }

  #numbered(role: string): string {
    return `'${role}' (its number ${this.requests.filter(({ agent }) => agent === role).length})`
  }

  #assertDone(): void {
    const [first] = this.#failures
    if (first !== undefined) throw first
    if (!this.#left.isEmpty) {
      throw new Error(`scripted answers were never asked for: ${this.#left}`)
    }
  }
}

function asAnswer(reply: ScriptedAnswer | Error): ScriptedAnswer {
  return reply instanceof Error ? { error: reply } : reply
}

function piecesOf({ content, toolCalls }: ModelResponse): readonly ModelDelta[] {
  return [
    ...(content.match(/\s*\S+\s*$|\s*\S+/g) ?? []).map((text) => ({ kind: 'text', text }) as const),
    ...toolCalls.map(
      ({ name, arguments: text }, index) => ({ kind: 'tool_call', index, name, text }) as const,
    ),
  ]
}
