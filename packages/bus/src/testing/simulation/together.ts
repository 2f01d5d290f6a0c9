import type { Message } from '../../message.ts'
import { fold } from './chance.ts'

/** What stands in a trail for an ask, or a step, whose failure the handler caught. */
export const CAUGHT = 7

/** What stands in a trail for a branch that failed, and for one that nobody waited for. */
export const FAILED = 3
const CANCELLED = 5

/** What a branch came to, as a join has it. */
export interface BranchReading {
  readonly status: string
  readonly trail: number
}

/** The results in the data of a join; `undefined` of any other message. */
export function branchesOf({ data }: Message): readonly BranchReading[] | undefined {
  if (typeof data !== 'object' || data === null || !('branches' in data)) return undefined
  const { branches } = data
  if (!Array.isArray(branches)) return undefined
  return branches.map((branch: { status: string; data?: { trail: number } }) => ({
    status: branch.status,
    trail: branch.data?.trail ?? -1,
  }))
}

/** The trail of a join: that of its fan-out folded over what its branches came to. */
export function foldBranches(branches: readonly BranchReading[]): number {
  return branches.reduce((trail, { status, trail: value }) => {
    if (status === 'done') return fold(trail, value)
    return fold(trail, status === 'failed' ? FAILED : CANCELLED)
  }, 0)
}

/** The trail in a message's data; -1 where there is none. */
export function trailOf(message: Message): number {
  const branches = branchesOf(message)
  if (branches !== undefined) return foldBranches(branches)
  const { data } = message
  if (typeof data !== 'object' || data === null || !('trail' in data)) return -1
  return typeof data.trail === 'number' ? data.trail : -1
}

/** The role that ends the branch that a message is in; `undefined` outside of all. */
export function joinRoleOf(
  message: Message,
  get: (id: string) => Message | undefined,
): string | undefined {
  for (let at: Message | undefined = message; at !== undefined; ) {
    if (branchesOf(at) === undefined) {
      const { data } = at
      if (typeof data !== 'object' || data === null || !('joinTo' in data)) return undefined
      return typeof data.joinTo === 'string' ? data.joinTo : undefined
    }
    // A join goes on where its fan-out was.
    at = at.causationId === undefined ? undefined : get(at.causationId)
  }
  return undefined
}

/** Whether a message was asked. */
export function isQuestion({ type }: Pick<Message, 'type'>): boolean {
  return type === 'work.asked'
}

/** Whether nobody handles messages of this type: they end a branch, or an ask. */
export function isHandledByNobody({ type }: Pick<Message, 'type'>): boolean {
  return type === 'part.done' || type === 'work.told'
}
