import { z } from 'zod'

/** What the model is called, in records too. */
export const MODEL = 'gpt-test'

/** What a process that may be killed is told, as JSON in its first argument. */
export const Orders = z.object({
  /** The file of its journal. */
  journal: z.string(),
  /** Base URL of its model. */
  baseUrl: z.string(),
  /** Its name at the model. */
  name: z.string(),
  /** The seed of its chance. */
  seed: z.string(),
  /** Whether it waits until its standard input ends before it opens the journal. */
  waits: z.boolean().default(false),
  team: z.enum(['password-full', 'chat', 'errands']),
  /** Runs to begin. */
  begin: z.array(z.object({ runId: z.string(), text: z.string() })).default([]),
  /** How many runs it begins besides, so that so many are live. */
  fillsTo: z.int().default(0),
  /** Whether it goes on with every open run of the journal. */
  resumes: z.boolean().default(false),
  /** Where it kills itself: at which of its appends, counted from 1. Default: nowhere. */
  dies: z
    .object({
      append: z.int().min(1),
      /** Before it is written, and all before it are; when it is durable; when its caller knows that. */
      moment: z.enum(['before', 'stored', 'told']),
    })
    .optional(),
  /** At which of its appends it stops storing anything, and lives on. Default: nowhere. */
  stops: z.int().min(1).optional(),
  /** At which of its appends its wall clock jumps, and how far. */
  jumps: z.object({ append: z.int().min(1), ms: z.number() }).optional(),
  leaseMs: z.number().optional(),
  /** Whether it takes its leases to last, without asking. */
  trusts: z.boolean().default(false),
  startsPerAttempt: z.int().optional(),
  timeoutMs: z.number().optional(),
  /** The file in which errands leave their effects. */
  effects: z.string().optional(),
})

/** What such a process does, a line of JSON each on its standard output. */
export const Report = z.discriminatedUnion('what', [
  /** It is about to open its journal. */
  z.object({ what: z.literal('opens') }),
  /** It has, and found this highest number in it. */
  z.object({ what: z.literal('opened'), lastSeq: z.int() }),
  z.object({ what: z.literal('resumed'), runId: z.string() }),
  /** It could not have a run that it was to go on with. */
  z.object({ what: z.literal('refused'), runId: z.string(), error: z.string() }),
  /** A run of its own did not get to its end. */
  z.object({ what: z.literal('stopped'), runId: z.string(), error: z.string() }),
  /** An append was acknowledged: the numbers of its records, and a hash of what they say. */
  z.object({
    what: z.literal('acknowledged'),
    records: z.array(z.tuple([z.int(), z.string()])),
  }),
  z.object({
    what: z.literal('ended'),
    runId: z.string(),
    status: z.string(),
    reason: z.string().optional(),
  }),
])

export type Orders = z.input<typeof Orders>
export type Report = z.output<typeof Report>
