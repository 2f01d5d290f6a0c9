import { type Secret, secret, TerminalError, titleOf } from '@nanoagent/bus'
import { z } from 'zod'
import { type Agent, defineAgent } from '../agent.ts'
import { latestPrompt, type OfflineReply, toolResults } from '../offline/offline-model.ts'
import { Plan, planOptions, type RandomInt } from '../password/index.ts'
import { type FanOutRoute, type Route, to } from '../routes.ts'
import { rememberGiven } from './given.ts'
import { listed } from './listed.ts'
import { PasswordReady, PasswordRejected, PlanReady } from './messages.ts'
import { tagged, taggedText } from './prompts.ts'
import { generateCall, generateMultiplePasswordsTool, generatePasswordTool } from './tools.ts'

const instructions = `You make passwords by a plan. Call generate_password once for one password, or
generate_multiple_passwords once for several, with the plan's kind, length, classes (as uppercase,
lowercase, numbers, symbols), excludeLookAlikes, exclude and mustContain. You never see a password:
the tools give handles such as secret:…. Answer with the handles, copied exactly, in the order in
which they were given. Never make a password up yourself. Where an earlier one was rejected you are told
why: make new ones, with options that mend what can be mended.`

/** Where the implementer's passwords go: to one role, or to several at once that are joined at another. */
type Next = string | FanOutRoute<Route<string, typeof PasswordReady>>

interface ImplementerOptions<To extends Next> {
  readonly next: To
  /** Where chance comes from. Default: `node:crypto`. */
  readonly randomInt?: RandomInt
}

/** What the implementer accepts. */
type Accepted = typeof PlanReady | typeof PasswordRejected

/**
 * The implementer: a plan becomes one or more passwords. They go to one role, or with a `fanOut` to all
 * the roles with which its branches may begin.
 */
export function implementer<const To extends string>(
  options: ImplementerOptions<To>,
): Agent<'implementer', Accepted, Route<To, typeof PasswordReady>>
export function implementer<To extends Exclude<Next, string>>(
  options: ImplementerOptions<To>,
): Agent<'implementer', Accepted, never, To, never>
export function implementer({ next, randomInt }: ImplementerOptions<Next>) {
  const handingOff =
    typeof next === 'string'
      ? `Handing off to ${titleOf(next)} for validation.`
      : `Handing off to ${listed(next.branches.map((branch) => branch.to))}.`
  const makeOne = generatePasswordTool(randomInt)
  const makeSeveral = generateMultiplePasswordsTool(randomInt)
  return defineAgent({
    role: 'implementer',
    description: 'Makes the password by the plan, with its tools.',
    accepts: [PlanReady, PasswordRejected],
    emits: typeof next === 'string' ? [to(next, PasswordReady)] : [],
    fansOut: typeof next === 'string' ? [] : [next],
    instructions,
    tools: [makeOne, makeSeveral],
    async handle(message, ctx) {
      const rejected = message.type === 'password.rejected' ? message.data : undefined
      const plan = ctx.context.latest(PlanReady)?.data
      const turnedDown =
        rejected === undefined ? undefined : ctx.context.latest(PasswordReady)?.data
      if (plan === undefined) throw new TerminalError('no plan led here: let a planner make one')
      ctx.log(
        rejected === undefined
          ? 'Executing implementation plan...'
          : `Trying again: attempt ${rejected.attempt + 1} of ${rejected.of}...`,
      )
      const several = plan.count > 1
      const config = planOptions(plan)
      ctx.log(
        `Generating ${several ? `${plan.count} passwords` : 'password'} with config: {config}`,
        {
          config,
        },
      )
      // What was turned down was not given: the plan may allow nothing else.
      if (turnedDown !== undefined) await rememberGiven(ctx.memory, turnedDown.passwords, false)
      const calls = () => [
        ...ctx.results(makeOne).map(({ parameters, result }) => ({
          parameters,
          made: [result.password.handle],
        })),
        ...ctx.results(makeSeveral).map(({ parameters, result }) => ({
          parameters,
          made: result.passwords.map(({ handle }) => handle),
        })),
      ]
      const madeBy = ({ handle }: Secret) => calls().find(({ made }) => made.includes(handle))
      const Answer = z.object({
        passwords: z
          .array(secret())
          .length(plan.count)
          .refine((passwords) => passwords.every(madeBy), {
            error: 'give the handles that the tools gave you, and nothing else',
          })
          .refine(
            (passwords) => new Set(passwords.map(({ handle }) => handle)).size === passwords.length,
            {
              error: 'give each handle once',
            },
          ),
      })
      const prompt = [
        tagged('plan', JSON.stringify(plan)),
        ...(rejected === undefined
          ? []
          : [tagged('rejected', rejected.recommendations.join('\n'))]),
      ].join('\n')
      const { passwords } = await ctx.generate({ prompt, output: Answer })
      const [password] = passwords
      if (password === undefined) throw new Error('the model gave no password')
      await rememberGiven(ctx.memory, passwords)
      ctx.log(`Password${several ? 's' : ''} generated: {passwords}`, { passwords })
      ctx.log(handingOff)
      const data = {
        kind: plan.kind,
        password,
        passwords,
        config: madeBy(password)?.parameters ?? config,
      }
      const made = `Password${several ? 's' : ''} generated.`
      if (typeof next === 'string') {
        ctx.handoff(next, PasswordReady, data, `${made} ${handingOff}`)
        return
      }
      const branches = next.branches.map((branch) => ({
        ...branch,
        data,
        content: `${made} Handing off to ${titleOf(branch.to)}.`,
      }))
      ctx.fanOut(branches, next.join)
    },
    offline: (request) => offline(toolResults(request), latestPrompt(request)),
  })
}

const Made = z.union([
  z.object({ password: z.string() }).transform(({ password }) => [password]),
  z.object({ passwords: z.array(z.string()) }).transform(({ passwords }) => passwords),
])

const Refused = z.object({ error: z.string() })

function offline(results: readonly unknown[], prompt: string): OfflineReply {
  const made = results.map((result) => Made.safeParse(result))
  const passwords = made.flatMap(({ data }) => data ?? [])
  if (passwords.length > 0) return { output: { passwords } }
  if (made.length > 0) throw new TerminalError(Refused.parse(results[0]).error)
  const plan = Plan.parse(JSON.parse(taggedText('plan', prompt)))
  return { toolCalls: [generateCall(plan)] }
}
