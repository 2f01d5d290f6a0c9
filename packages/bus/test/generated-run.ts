import { fc } from '@fast-check/vitest'
import { z } from 'zod'
import { createBus } from '../src/bus.ts'
import type { DeliveryContext } from '../src/delivery-context.ts'
import { defineJoin } from '../src/join-type.ts'
import type { Message } from '../src/message.ts'
import { defineMessage } from '../src/message-type.ts'
import type { JournalRecord } from '../src/records.ts'
import { Secret, secret } from '../src/secret.ts'

/** What handles one message, and what follows from it. */
export interface Plan {
  readonly role: number
  /** Attempts that fail first. With two it is dead. */
  readonly fails: 0 | 1 | 2
  readonly text: string
  readonly kinds: readonly ('model' | 'tool' | 'effect')[]
  readonly asks: readonly Plan[]
  readonly next:
    | { readonly kind: 'finish' | 'nothing' }
    | { readonly kind: 'handoff'; readonly plan: Plan }
    | {
        readonly kind: 'fan-out'
        readonly policy: 'all' | 'all-settled'
        readonly branches: readonly Plan[]
        readonly join: Plan
      }
}

/** A run of a generated team: the names of its roles, and what happens in it. */
export interface RunPlan {
  readonly roles: readonly string[]
  readonly root: Plan
}

const Work = defineMessage('work.wanted', z.object({ text: z.string(), token: secret() }))
const Part = defineMessage('part.done', z.string())
const Replied = defineMessage('replied', z.string())
const Question = defineMessage('question.asked', z.string(), { reply: Replied })
const Done = defineMessage('work.done', z.string())
const JOINS = {
  all: defineJoin('all.joined', [Part]),
  'all-settled': defineJoin('settled.joined', [Part], { policy: 'all-settled' }),
} as const

const ROLES = 4

/** Runs with handoffs, fan-outs, asks, retries and dead letters, whose roles and texts may be anything. */
export function generatedRun(): fc.Arbitrary<RunPlan> {
  const texts = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom(...NASTY))
  const names = texts
    .map((name) => name.replace(/[@/\s]/gu, ''))
    .filter((name) => name !== '' && name !== 'coordinator')
  return fc.record({
    roles: fc.uniqueArray(names, { minLength: ROLES, maxLength: ROLES }),
    root: plans(texts, 0),
  })
}

const NASTY = [
  'end',
  'par and end',
  'note over p0: x',
  'a;b#c:d->>e',
  '"quoted" <b>signs</b> %% {}',
  'two\nlines\r\n',
  'عربى 名前 ✓',
  '-->>',
]

function plans(texts: fc.Arbitrary<string>, depth: number): fc.Arbitrary<Plan> {
  const deeper = () => plans(texts, depth + 1)
  const last = fc.constantFrom({ kind: 'finish' } as const, { kind: 'nothing' } as const)
  const next =
    depth >= 3
      ? fc.constant({ kind: 'finish' } as const)
      : fc.oneof(
          { weight: 1, arbitrary: last },
          {
            weight: 3,
            arbitrary: fc.record({
              kind: fc.constant('handoff' as const),
              plan: fc.noShrink(deeper()),
            }),
          },
          {
            weight: 2,
            arbitrary: fc.record({
              kind: fc.constant('fan-out' as const),
              policy: fc.constantFrom('all' as const, 'all-settled' as const),
              branches: fc.array(deeper(), { minLength: 1, maxLength: 3 }),
              join: deeper(),
            }),
          },
        )
  return fc.record({
    role: fc.nat(ROLES - 1),
    fails: fc.constantFrom(0 as const, 0 as const, 0 as const, 1 as const, 2 as const),
    text: texts,
    kinds: fc.array(fc.constantFrom('model' as const, 'tool' as const, 'effect' as const), {
      maxLength: 2,
    }),
    asks: depth >= 3 ? fc.constant([]) : fc.array(asked(texts), { maxLength: 1 }),
    next,
  })
}

function asked(texts: fc.Arbitrary<string>): fc.Arbitrary<Plan> {
  return fc.record({
    role: fc.nat(ROLES - 1),
    fails: fc.constantFrom(0 as const, 0 as const, 2 as const),
    text: texts,
    kinds: fc.constant([]),
    asks: fc.constant([]),
    next: fc.constantFrom({ kind: 'finish' } as const, { kind: 'nothing' } as const),
  })
}

/** The value of every secret of a generated run. */
export const SECRET_VALUE = 'hunter2-hunter2-hunter2'

/** Runs a plan on a real bus; its records. */
export async function recordRun({ roles, root }: RunPlan, runId = 'run'): Promise<JournalRecord[]> {
  const places = new Map<string, Place>()
  lay(root, 'run', undefined, places)
  await using bus = createBus()
  const roleOf = (plan: Plan) => roles[plan.role % ROLES] ?? ''
  for (const role of roles) {
    bus.subscribe(role, {
      accepts: [Work, Question, ...Object.values(JOINS)],
      attempts: 2,
      backoffMs: 0,
      perRunConcurrency: 4,
      handle: (message, ctx) => act(message, ctx, places, roleOf),
    })
  }
  bus.listen('ear;->>end', { accepts: [Part, Replied, Work], handle: () => {} })
  const records: JournalRecord[] = []
  bus.observe((record) => records.push(record))
  const run = bus.publish(roleOf(root), Work, dataOf(root), { terminal: Done, runId, about: ABOUT })
  await run.result
  await bus.drain()
  return records
}

const ABOUT = { team: 'generated', agents: [] }

interface Place {
  readonly plan: Plan
  /** Who joins the branch that it is in. */
  readonly joinTo?: Plan | undefined
}

/** Says which message has which plan, by the path without the run's id. */
function lay(plan: Plan, path: string, joinTo: Plan | undefined, places: Map<string, Place>): void {
  places.set(path, { plan, joinTo })
  for (const attempt of [1, 2]) {
    for (const [index, ask] of plan.asks.entries()) {
      lay(ask, `${path}.a${attempt}-${plan.kinds.length + index + 1}`, undefined, places)
    }
  }
  const { next } = plan
  if (next.kind === 'handoff') lay(next.plan, `${path}.h`, joinTo, places)
  if (next.kind !== 'fan-out') return
  for (const [index, branch] of next.branches.entries()) {
    lay(branch, `${path}.b${index + 1}`, next.join, places)
  }
  lay(next.join, `${path}.j`, joinTo, places)
}

async function act(
  { id, runId, type }: Message,
  ctx: DeliveryContext,
  places: ReadonlyMap<string, Place>,
  roleOf: (plan: Plan) => string,
): Promise<void> {
  const { plan, joinTo } = places.get(`run${id.slice(runId.length)}`) ?? {}
  if (plan === undefined) return
  for (const kind of plan.kinds) await takeStep(ctx, kind, plan.text)
  const asks = plan.asks.map((ask) => ctx.ask(roleOf(ask), Question, ask.text).catch(() => ''))
  await Promise.all(asks)
  ctx.log('at {text}', { text: plan.text })
  if (ctx.attempt <= plan.fails) throw new Error(plan.text)
  const { next } = plan
  if (type === Question.name) {
    if (next.kind === 'finish') ctx.reply(Replied, plan.text)
  } else if (next.kind === 'handoff') {
    ctx.handoff(roleOf(next.plan), Work, dataOf(next.plan))
  } else if (next.kind === 'fan-out') {
    const branches = next.branches.map(
      (branch) => ({ to: roleOf(branch), type: Work, data: dataOf(branch) }) as const,
    )
    ctx.fanOut(branches, { to: roleOf(next.join), type: JOINS[next.policy] })
  } else if (next.kind === 'finish') {
    if (joinTo === undefined) ctx.handoff('coordinator', Done, plan.text)
    else ctx.handoff(roleOf(joinTo), Part, plan.text)
  }
}

async function takeStep(ctx: DeliveryContext, kind: 'model' | 'tool' | 'effect', text: string) {
  await ctx.step({
    kind,
    name: kind,
    request: { text, token: new Secret(SECRET_VALUE) },
    perform: async ({ step }) => {
      await step({ name: 'inner', request: text, perform: () => text })
      return { text }
    },
    ...(kind === 'model' ? { usage: () => ({ inputTokens: 3, outputTokens: 4 }) } : {}),
  })
}

function dataOf({ text }: Plan) {
  return { text, token: new Secret(SECRET_VALUE) }
}
