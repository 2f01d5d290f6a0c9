import { type CausalGraph, type JournalRecord, messageOfDelivery } from '@nanoagent/bus'
import { entriesOf, type TraceEntry } from '../report/trace-entries.ts'
import type { TraceFilter } from './trace-command.ts'

/** Whether an entry is what is asked for; `undefined` where everything is. */
export function selection(filter: TraceFilter): ((entry: TraceEntry) => boolean) | undefined {
  const { role, type, status, text } = filter
  if ([role, type, status, text].every((part) => part === undefined)) return undefined
  return (entry) =>
    (role === undefined || entry.role === role) &&
    (type === undefined || entry.node.message.type === type) &&
    (status === undefined || hasEnded(entry, status)) &&
    (text === undefined || says(entry, text.toLowerCase()))
}

/** Ids of the messages that are asked for, in whosever hands. */
export function selectedMessages(graph: CausalGraph, filter: TraceFilter): ReadonlySet<string> {
  const entries = entriesOf(graph).filter(selection(filter) ?? (() => true))
  return new Set(entries.map(({ node }) => node.message.id))
}

/** Whether a record is of one of these messages. */
export function isOfMessages(record: JournalRecord, ids: ReadonlySet<string>): boolean {
  if (record.kind === 'message') return ids.has(record.message.id)
  return 'messageId' in record && ids.has(messageOfDelivery(record.messageId))
}

function hasEnded(
  { attempts, isUnsettled }: TraceEntry,
  status: NonNullable<TraceFilter['status']>,
): boolean {
  const isOpen = status === 'open' && isUnsettled
  // What gave up has failed, too.
  const isAsked = (outcome: string) =>
    outcome === status || (status === 'failed' && outcome === 'dead')
  return isOpen || attempts.some(({ outcome }) => isAsked(outcome))
}

function says({ node, attempts }: TraceEntry, text: string): boolean {
  const { content, data } = node.message
  const said = [
    content,
    JSON.stringify(data) ?? '',
    ...attempts.flatMap(({ error, logs }) => [
      error?.message ?? '',
      ...logs.map(({ text, data }) => `${text} ${JSON.stringify(data)}`),
    ]),
  ]
  return said.some((one) => one.toLowerCase().includes(text))
}
