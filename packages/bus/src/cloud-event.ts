import { z } from 'zod'
import { toData } from './data.ts'
import { InvalidPathError } from './errors.ts'
import type { Message } from './message.ts'
import { parseMessagePath } from './paths.ts'

/** Prefix of the CloudEvents attribute names that carry metadata. */
const METADATA = 'nanoagentmetadata'

/**
 * A CloudEvents 1.0 event. `source` names the run and the publishing role, `subject` the recipient;
 * `correlationid`, which is the run, `causationid`, `content` and the metadata are extensions.
 */
export const CloudEvent = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  data: z.unknown(),
  correlationid: z.string().min(1).optional(),
  causationid: z.string().min(1).optional(),
  content: z.string(),
  [METADATA]: z.string().optional(),
})
export type CloudEvent = z.infer<typeof CloudEvent>

const SOURCE = /^\/runs\/([^/]+)\/roles\/([^/]+)$/
const Metadata = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue(`${METADATA} is no JSON`)
      return z.NEVER
    }
  })
  .pipe(z.record(z.string(), z.string()))

/** The CloudEvent of a message. Secrets in its data are handles once it is JSON. */
export function toCloudEvent(message: Message): CloudEvent {
  const { id, runId, type, from, to, causationId, sentAt, content, data, metadata } = message
  return {
    specversion: '1.0',
    id,
    source: `/runs/${runId}/roles/${encodeURIComponent(from)}`,
    type,
    subject: to,
    time: new Date(sentAt).toISOString(),
    datacontenttype: 'application/json',
    data,
    correlationid: runId,
    ...(causationId === undefined ? {} : { causationid: causationId }),
    content,
    ...(Object.keys(metadata).length === 0 ? {} : { [METADATA]: JSON.stringify(metadata) }),
  }
}

/**
 * The message of a CloudEvent that `toCloudEvent` made, deeply frozen. What was a secret stays the text that
 * names it. Throws a `ZodError`, an `InvalidPathError` or a `NotJsonError` for others.
 */
export function fromCloudEvent(event: unknown): Message {
  const { id, source, type, subject, time, data, causationid, content, ...extensions } =
    CloudEvent.parse(event)
  const { runId } = parseMessagePath(id)
  const { correlationid = runId, [METADATA]: metadata } = extensions
  const [, run, from] = SOURCE.exec(source) ?? []
  if (run !== runId || from === undefined) throw new InvalidPathError(source)
  if (correlationid !== runId) throw new InvalidPathError(correlationid)
  return Object.freeze({
    id,
    runId,
    type,
    from: decodeURIComponent(from),
    to: subject,
    ...(causationid === undefined ? {} : { causationId: causationid }),
    sentAt: Date.parse(time),
    content,
    data: toData(data),
    metadata: Object.freeze(metadata === undefined ? {} : Metadata.parse(metadata)),
  })
}
