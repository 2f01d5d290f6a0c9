import { z } from 'zod'
import type { Fault } from './faults.ts'

const Status = z.coerce.number().int().min(400).max(599).optional().catch(undefined)

const Details = z.object({
  code: z.unknown().optional(),
  status: Status,
  status_code: Status,
  type: z.string().optional().catch(undefined),
})

const SaidError = z.union([
  z.object({ error: z.unknown().refine(Boolean) }),
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
  const body = JSON.stringify(parsed.data)
  const details = Details.safeParse(nested(parsed.data.error)).data
  if (details === undefined) return { kind: 'error_event', body }
  const { code, status, status_code, type } = details
  const told = Status.parse(code) ?? status ?? status_code ?? statusOf(`${type} ${code}`)
  if (told === undefined) return { kind: 'error_event', body }
  return { kind: 'status', status: told, body, retryAfterMs: undefined, shouldRetry: undefined }
}

/** The error itself, where an event of type `error` holds one in turn. */
function nested(error: unknown): unknown {
  const inner = z.object({ error: z.looseObject({}) }).safeParse(error)
  return inner.success ? inner.data.error : error
}

function statusOf(words: string): number | undefined {
  if (/invalid_request/i.test(words)) return 400
  if (/rate_limit/i.test(words)) return 429
  return undefined
}
