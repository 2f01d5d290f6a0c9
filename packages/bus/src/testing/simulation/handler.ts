import type { DeliveryContext } from '../../delivery-context.ts'
import { AttemptClosedError, TerminalError } from '../../errors.ts'
import { COORDINATOR, type Message } from '../../message.ts'
import { Secret } from '../../secret.ts'
import type { StepOptions, StepScope } from '../../steps.ts'
import type { AttemptPlan, Behaviour, ChainPlan, EndPlan, StepPlan } from './behaviour.ts'
import { fingerprint, fold } from './chance.ts'
import type { Findings } from './invariants.ts'
import { Done, JOINS, Part, Question, SECRET_MARK, Told, Work } from './messages.ts'
import { CAUGHT, isQuestion, joinRoleOf, trailOf } from './together.ts'
import type { Handling, Watch } from './watch.ts'

/** What a handler needs of the world around it. */
export interface HandlerWorld {
  readonly behaviour: Behaviour
  readonly watch: Pick<Watch, 'end' | 'perform' | 'received' | 'replied'>
  readonly findings: Findings
  /** Resolves when the effect has been completed, at a moment that the world picks. */
  effect(label: string): Promise<void>
  /** Kills the process of this handler. */
  kill(messageId: string): void
  /** A new number for each performance of a step. */
  nextNonce(): number
  /** What tells a run apart from others that behave alike. */
  variantOf(runId: string): number
  readonly askTimeoutMs: number
}

/** What a step of the simulation responds with. */
interface StepResponse {
  readonly value: number
  readonly nonce: number
  readonly key?: Secret
}

/** Plays the plan of one attempt on a real context. */
export function playAttempt(
  world: HandlerWorld,
  handling: Handling,
  message: Message,
): void | Promise<void> {
  const plan = world.behaviour.plan(
    world.variantOf(message.runId),
    pathOf(message),
    message.to,
    handling.attempt,
  )
  const player = new Player(world, handling, message, plan)
  const isShort =
    plan.asks.length === 0 &&
    plan.memory.length === 0 &&
    plan.blocks.length === 0 &&
    plan.end.kind !== 'hang' &&
    plan.end.kind !== 'kill'
  if (!isShort) return player.play().finally(() => world.watch.end(handling))
  try {
    player.log()
    player.conclude(plan.end, trailOf(message))
  } finally {
    world.watch.end(handling)
  }
}

/** The path of a message without its run, which is alike in runs that do the same. */
export function pathOf({ id, runId }: Message): string {
  return id.slice(runId.length)
}

class Player {
  readonly #world: HandlerWorld
  readonly #handling: Handling
  readonly #context: DeliveryContext
  readonly #message: Message
  readonly #plan: AttemptPlan

  constructor(world: HandlerWorld, handling: Handling, message: Message, plan: AttemptPlan) {
    this.#world = world
    this.#handling = handling
    this.#context = handling.context
    this.#message = message
    this.#plan = plan
  }

  async play(): Promise<void> {
    const { blocks, end } = this.#plan
    let trail = trailOf(this.#message)
    this.log()
    for (const reply of await this.#ask(trail)) trail = fold(trail, reply < 0 ? CAUGHT : reply)
    await this.#remember()
    for (const block of blocks) {
      const values = await Promise.all(block.map((chain) => this.#chain(chain)))
      for (const value of values) trail = fold(trail, value)
    }
    if (end.kind === 'kill') {
      this.#world.kill(this.#message.id)
      await new Promise(() => {})
    }
    if (end.kind === 'hang') await this.#hang(end.minds)
    else this.conclude(end, trail)
  }

  log(): void {
    for (let number = 1; number <= this.#plan.logs; number++) {
      const { key } = secretOf(this.#message)
      this.#context.log('did {number}', { number, ...(key === undefined ? {} : { key }) })
    }
  }

  conclude(end: EndPlan, trail: number): void {
    const variant = this.#world.variantOf(this.#message.runId)
    const joinTo = this.#joinTo
    if (isQuestion(this.#message) && ['handoff', 'finish', 'fan-out'].includes(end.kind)) {
      this.#context.reply(Told, { trail })
      return
    }
    switch (end.kind) {
      case 'fan-out':
        this.#context.fanOut(
          end.branches.map((to, index) => ({
            to,
            type: Work,
            data: { variant, trail: fold(trail, index), joinTo: end.to },
          })),
          { to: end.to, type: JOINS[end.join] },
        )
        break
      case 'handoff':
        this.#context.handoff(end.to, Work, {
          variant,
          trail,
          ...(joinTo === undefined ? {} : { joinTo }),
          ...(end.hasSecret
            ? { key: new Secret(`${SECRET_MARK} ${pathOf(this.#message)} ${trail}.`) }
            : {}),
        })
        break
      case 'finish':
        if (joinTo === undefined) this.#context.handoff(COORDINATOR, Done, { trail })
        else this.#context.handoff(joinTo, Part, { trail })
        break
      case 'throw':
        // Its line must not tell the secret.
        throw new Error(`refused with ${secretOf(this.#message).key?.reveal() ?? 'nothing'}`)
      case 'terminal':
        throw new TerminalError('there is no way')
      case 'invalid':
        this.#context.handoff(this.#message.to, Work, { variant, trail: Number.NaN })
        break
    }
  }

  /** The role that ends the branch that this handler is in. */
  get #joinTo(): string | undefined {
    const past = this.#context.past()
    return joinRoleOf(this.#message, (id) => past.find((message) => message.id === id))
  }

  /** Asks everybody at once; gives their replies, -1 for none. */
  async #ask(trail: number): Promise<readonly number[]> {
    const { asks } = this.#plan
    if (asks.length === 0) return []
    this.#handling.waits++
    const results = await Promise.allSettled(
      asks.map((role, index) =>
        this.#context.ask(
          role,
          Question,
          { trail: fold(trail, index) },
          { timeoutMs: this.#world.askTimeoutMs },
        ),
      ),
    )
    this.#handling.waits--
    return results.map((result, index) => {
      if (result.status === 'rejected' && result.reason instanceof AttemptClosedError) {
        throw result.reason
      }
      const reply = result.status === 'fulfilled' ? result.value.trail : -1
      this.#world.watch.replied(this.#handling, index + 1, reply)
      return reply
    })
  }

  /** Remembers, and tells people what it has found; what that is depends on who was there before. */
  async #remember(): Promise<void> {
    const { memory } = this.#context
    let found = 0
    for (const { kind, word } of this.#plan.memory) {
      if (kind === 'set') memory.set(word, { text: `a ${word}`, found, of: pathOf(this.#message) })
      else {
        const known = kind === 'get' ? await memory.get(word) : await memory.search(word)
        found = fold(found, fingerprint(JSON.stringify(known ?? null)))
        this.#context.log('found {found}', { found })
      }
    }
  }

  async #chain({ steps, depth }: ChainPlan): Promise<number> {
    let total = 0
    for (const step of steps)
      total = fold(total, await deep(() => this.#step(step, this.#context), depth))
    return total
  }

  /** One step, of the handler or inside another; gives its value, or what stands for a failure. */
  async #step(plan: StepPlan, scope: Pick<StepScope, 'step'>): Promise<number> {
    const { label, waits } = plan
    if (waits) this.#handling.waits++
    try {
      const { value, nonce } = await scope.step(this.#options(plan))
      this.#world.watch.received(this.#handling, label, nonce)
      return value
    } catch (error) {
      if (plan.isCaught && !(error instanceof AttemptClosedError)) return CAUGHT
      throw error
    } finally {
      if (waits) this.#handling.waits--
    }
  }

  #options(plan: StepPlan): StepOptions<StepResponse> {
    const { label, kind, isOnce, waits, tokens, asksNow } = plan
    return {
      kind,
      name: label,
      request: asksNow ? { now: this.#context.now(), random: this.#context.random() } : { label },
      once: isOnce,
      waits,
      ...(tokens > 0 ? { usage: () => ({ inputTokens: 1, outputTokens: tokens - 1 }) } : {}),
      perform: (scope) => {
        const times = this.#world.watch.perform(this.#handling, label, isOnce)
        if (plan.ends === 'at once' && plan.inner.length === 0)
          return this.#respond(plan, plan.value)
        return this.#perform(plan, scope, times)
      },
    }
  }

  async #perform(plan: StepPlan, scope: StepScope, times: number): Promise<StepResponse> {
    const { label, ends, inner } = plan
    if (ends === 'later') await this.#world.effect(`${label} of ${this.#message.id} (${times})`)
    let total = plan.value
    for (const step of inner) total = fold(total, await this.#step(step, scope))
    if (ends === 'never') await new Promise(() => {})
    return this.#respond(plan, total)
  }

  #respond({ failure, hasSecret }: StepPlan, value: number): StepResponse {
    if (failure === 'error') throw new Error('the service said no')
    if (failure === 'terminal') throw new TerminalError('the service will never say yes')
    const nonce = this.#world.nextNonce()
    return { value, nonce, ...(hasSecret ? { key: new Secret(`${SECRET_MARK} ${nonce}.`) } : {}) }
  }

  /** Never ends, or ends when it is told to; what it tries then comes too late. */
  async #hang(minds: boolean): Promise<void> {
    const { signal } = this.#context
    await new Promise<void>((resolve) => {
      if (minds) signal.addEventListener('abort', () => resolve(), { once: true })
    })
    try {
      this.#context.handoff(COORDINATOR, Done, { trail: 0 })
    } catch (error) {
      if (error instanceof AttemptClosedError) throw error
    }
    this.#world.findings.break('closed-context', `${this.#message.id} handed off after its end`)
  }
}

/** The secret that a message brought along. */
function secretOf({ data }: Message): { readonly key?: Secret } {
  if (typeof data !== 'object' || data === null || !('key' in data)) return {}
  return data.key instanceof Secret ? { key: data.key } : {}
}

/** The result after so many more turns of the promise queue. */
async function deep<T>(run: () => Promise<T>, depth: number): Promise<T> {
  return depth === 0 ? run() : await deep(run, depth - 1)
}
