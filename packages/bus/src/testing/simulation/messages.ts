import { z } from 'zod'
import { defineJoin } from '../../join-type.ts'
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
    /** The role that ends the branch, inside one. */
    joinTo: z.string().optional(),
  }),
)

/** Ends a branch. */
export const Part = defineMessage('part.done', z.object({ trail: z.number() }))

/** The joins that generated fan-outs end in, by their policy. */
export const JOINS = {
  all: defineJoin('all.joined', [Part]),
  settled: defineJoin('settled.joined', [Part], { policy: 'all-settled' }),
  first: defineJoin('first.joined', [Part], { policy: { first: 2 } }),
} as const

/** What generated agents reply. */
export const Told = defineMessage('work.told', z.object({ trail: z.number() }))

/** What generated agents ask each other. */
export const Question = defineMessage('work.asked', z.object({ trail: z.number() }), {
  reply: Told,
})

/** Ends a run. */
export const Done = defineMessage('work.done', z.object({ trail: z.number() }))

/** A role accepts it to show that all its slots are free. */
export const Probe = defineMessage('probe.sent', z.object({}))

/** What every role accepts. */
export const ACCEPTED = [Work, Probe, Question, JOINS.all, JOINS.settled, JOINS.first] as const

/** What every listener hears. */
export const HEARD = [Work, Done, Part, Told, JOINS.settled] as const

/** A role that nobody plays. */
export const NOBODY = 'nobody'

/** Is in every secret value, so that one is recognised wherever it appears. */
export const SECRET_MARK = 'swordfish'
