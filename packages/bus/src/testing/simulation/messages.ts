import { z } from 'zod'
import { defineMessage } from '../../message-type.ts'
import { secret } from '../../secret.ts'

/** What generated agents hand to each other. */
export const Work = defineMessage(
  'work.requested',
  z.object({
    /** Tells runs apart that otherwise behave alike. */
    variant: z.number(),
    /** Folds in every step's value on the way. */
    trail: z.number(),
    key: secret().optional(),
  }),
)

/** Ends a run. */
export const Done = defineMessage('work.done', z.object({ trail: z.number() }))

/** A role accepts it to show that all its slots are free. */
export const Probe = defineMessage('probe.sent', z.object({}))

/** A role that nobody plays. */
export const NOBODY = 'nobody'

/** Is in every secret value, so that one is recognised wherever it appears. */
export const SECRET_MARK = 'swordfish'
