import { freezeData, NotJsonError, toData } from './data.ts'
import type { BranchResult } from './join-type.ts'
import type { DataOf, MessageType } from './message-type.ts'
import { joinPath } from './paths.ts'
import type { FanOutRecord } from './records.ts'
import type { Secret } from './secret.ts'

/** The role that opens runs and receives their terminal message. Nobody else can play it. */
export const COORDINATOR = 'coordinator'

/**
 * A message: an immutable, validated envelope, addressed to a role. Its delivery state is never in
 * it, but in the records.
 */
export interface Message<Type extends string = string, Data = unknown> {
  /** The causal path that led to it, see `paths.ts`. Unique, and the idempotency key. */
  readonly id: string
  readonly runId: string
  /** The message type's name. */
  readonly type: Type
  /** The role that published it. */
  readonly from: string
  /** The role that it is for. */
  readonly to: string
  /** The message that was being handled when this one was published, of a join the fan-out point; absent on the root. */
  readonly causationId?: string
  /** When it became visible, in epoch milliseconds. */
  readonly sentAt: number
  /** The human line that histories show. */
  readonly content: string
  /** The payload, parsed and deeply frozen. */
  readonly data: Data
  /** What is not payload. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Messages of these types: a union that `type` tells apart. */
export type MessageOf<T extends MessageType> = T extends MessageType
  ? Message<T['name'], DataOf<T>>
  : never

/** Whether a message is of this type. */
export function isOfType<T extends MessageType>(
  message: Message,
  type: T,
): message is Message<T['name'], DataOf<T>> {
  return message.type === type.name
}

/** What a publisher may say about a message besides its data. */
export interface MessageOptions {
  /** The human line that histories show. Default: `Handing off to <Role>.` */
  readonly content?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** Where a new message stands: everything of its envelope that is not the publisher's to say. */
export interface MessagePlace {
  readonly id: string
  readonly runId: string
  readonly from: string
  readonly to: string
  readonly causationId?: string
}

/** A validated message that nobody has seen yet. */
export interface MessageDraft extends Omit<Message, 'sentAt' | 'content'> {
  /** Absent until it is sealed. */
  sentAt: number | undefined
  /** Absent for the default. */
  content: string | undefined
}

const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({})

/**
 * Validates data and puts it into an envelope, to be sealed when it becomes visible. Secrets without
 * a name get one from the message's id, and each is added to those of the run. Throws an
 * `InvalidMessageError` where the data does not fit its type.
 */
export function draftMessage(
  place: MessagePlace,
  type: MessageType,
  input: unknown,
  options: MessageOptions,
  run: { addSecret(secret: Secret): void },
): MessageDraft {
  const { id, runId, from, to, causationId } = place
  let secrets = 0
  const data = type.parse(input, (secret) => {
    run.addSecret(secret.name(`secret:${id}#${++secrets}`))
  })
  const content = options.content === undefined ? undefined : oneLine(options.content)
  const metadata = options.metadata === undefined ? NO_METADATA : toData(options.metadata)
  // Written out, since an object that grows by a spread takes more room.
  return causationId === undefined
    ? { id, runId, type: type.name, from, to, sentAt: undefined, content, data, metadata }
    : {
        id,
        runId,
        type: type.name,
        from,
        to,
        causationId,
        sentAt: undefined,
        content,
        data,
        metadata,
      }
}

/** The message that holds what the branches of a fan-out came to; the reason where it cannot be. */
export function joinDraft(
  { id, runId, to: from }: Message,
  { to, join: type }: FanOutRecord,
  branches: readonly BranchResult[],
): MessageDraft | NotJsonError {
  const done = branches.filter(({ status }) => status === 'done').length
  try {
    return {
      id: joinPath(id),
      runId,
      type,
      from,
      to,
      causationId: id,
      sentAt: undefined,
      content: `${done} of ${branches.length} branches are done. ${handoffLine(to)}`,
      data: freezeData({ branches }),
      metadata: NO_METADATA,
    }
  } catch (error) {
    if (error instanceof NotJsonError) return error
    throw error
  }
}

/** A human line is one line, and steers no terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}

/** The message as everybody sees it from now on. */
export function sealMessage(
  draft: MessageDraft,
  sentAt: number,
  content: string,
): asserts draft is MessageDraft & Message {
  draft.sentAt = sentAt
  draft.content = content
  Object.freeze(draft)
}

/** The human line of a message whose publisher gave none. */
export function handoffLine(to: string): string {
  return `Handing off to ${titleOf(to)}.`
}

/** A role as a person reads it: `security-auditor` is `Security Auditor`, `ux-writer` is `UX Writer`. */
export function titleOf(role: string): string {
  if (!role.includes('-')) return role.charAt(0).toUpperCase() + role.slice(1)
  return role
    .split('-')
    .map((word) =>
      ABBREVIATIONS.has(word) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1),
    )
    .join(' ')
}

/** Words of roles that are written in capitals. */
const ABBREVIATIONS = new Set(['ai', 'api', 'db', 'qa', 'ui', 'ux'])
