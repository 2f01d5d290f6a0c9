import { z } from 'zod'
import type { Fault } from './faults.ts'

const Status = z.coerce.number().int().min(400).max(599).optional().catch(undefined)

const Details = z
  .object({ code: Status, status: Status, status_code: Status, type: z.string().catch('') })
  .partial()
  .catch({})

const SaidError = z.union([
  z.object({ error: z.unknown().refine((error) => error !== undefined && error !== null) }),
  // vLLM.
  z
    .object({ object: z.literal('error') })
    .loose()
    .transform((error) => ({ error })),
])

/** The error that an endpoint tells with status 200, whole or as an event of a stream; undefined where it tells none. */
export function faultIn(said: unknown): Fault | undefined {
  const parsed = SaidError.safeParse(said)
  if (!parsed.success) return undefined
  const { code, status, status_code, type = '' } = Details.parse(nested(parsed.data.error))
  const body = JSON.stringify(parsed.data)
  const told = code ?? status ?? status_code ?? statusOf(type)
  if (told === undefined) return { kind: 'error_event', body }
  return { kind: 'status', status: told, body, retryAfterMs: undefined, shouldRetry: undefined }
}

/** The error itself, where an event of type `error` holds one in turn. */
function nested(error: unknown): unknown {
  const inner = z.object({ error: z.looseObject({}) }).safeParse(error)
  return inner.success ? inner.data.error : error
}

function statusOf(type: string): number | undefined {
  if (/invalid_request/i.test(type)) return 400
  if (/rate_limit/i.test(type)) return 429
  return undefined
}
