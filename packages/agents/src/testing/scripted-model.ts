import { TerminalError } from '@nanoagent/bus'
import type { Model, ModelRequest } from '../model.ts'
import { type OfflineReply, toResponse } from '../offline/offline-model.ts'

/** One scripted answer: a reply, an error to reject with, or a function of the request that gives either. */
export type ScriptedReply = OfflineReply | Error | ((request: ModelRequest) => OfflineReply | Error)

/** A model that says what a test has written down. */
export interface ScriptedModel extends Model {
  /** Every request so far, in order. */
  readonly requests: readonly ModelRequest[]
  /** Throws where scripted answers were not asked for, or requests came that nobody expected. */
  assertDone(): void
}

/** A request came that the script has no answer for. */
export class UnexpectedRequestError extends TerminalError {
  constructor(request: ModelRequest, asked: number) {
    super(
      `unexpected model request of '${request.agent}' (its number ${asked}), which ends with ` +
        `${JSON.stringify(request.messages.at(-1)?.content ?? '')}: script an answer for it`,
      { code: 'unexpected_request' },
    )
  }
}

/**
 * Creates a model that answers each role's requests in the order of its script. A request without an
 * answer fails its delivery at once; `assertDone` finds it again, and the answers that are left over.
 */
export function createScriptedModel(
  script: Readonly<Record<string, readonly ScriptedReply[]>>,
): ScriptedModel {
  const left = new Map(Object.entries(script).map(([role, replies]) => [role, [...replies]]))
  const requests: ModelRequest[] = []
  const unexpected: UnexpectedRequestError[] = []
  return {
    name: 'scripted',
    requests,
    async generate(request, { signal }) {
      signal.throwIfAborted()
      requests.push(request)
      const next = left.get(request.agent)?.shift()
      if (next === undefined) {
        const asked = requests.filter(({ agent }) => agent === request.agent).length
        const error = new UnexpectedRequestError(request, asked)
        unexpected.push(error)
        throw error
      }
      const reply = typeof next === 'function' ? next(request) : next
      if (reply instanceof Error) throw reply
      return { ...toResponse(request, reply), model: 'scripted' }
    },
    assertDone() {
      const [first] = unexpected
      if (first !== undefined) throw first
      const leftovers = [...left].filter(([, replies]) => replies.length > 0)
      if (leftovers.length === 0) return
      const list = leftovers.map(([role, { length }]) => `${length} of '${role}'`).join(', ')
      throw new Error(`scripted answers were never asked for: ${list}`)
    },
  }
}
