import { z } from 'zod'
import { sealingSchema } from './passphrase.ts'

/** Version of what `exportRuns` writes. A newer one is refused. */
export const EXPORT_VERSION = 2

/** The first line. */
export const headerSchema = z.strictObject({
  nanoagent: z.literal('export'),
  version: z.int().min(1),
  /** When it was written, in epoch milliseconds. */
  at: z.number(),
  /** How values of secrets are sealed; `null` where there are handles alone. */
  secrets: z.nullable(sealingSchema),
})

/** The first line. */
export type Header = z.infer<typeof headerSchema>

/** The last line: what came before it, so that a file that was cut off is known. */
export const footerSchema = z.strictObject({
  end: z.strictObject({ runs: z.int().min(0), records: z.int().min(0) }),
})
