import type { DeliveryContext } from '../../attempt.ts'
import { AttemptClosedError, TerminalError } from '../../errors.ts'
import { COORDINATOR, type MessageOf } from '../../message.ts'
import { Secret } from '../../secret.ts'
import type { StepOptions, StepScope } from '../../steps.ts'
import type { AttemptPlan, Behaviour, ChainPlan, EndPlan, StepPlan } from './behaviour.ts'
import { fold } from './chance.ts'
import type { Findings } from './invariants.ts'
import { Done, SECRET_MARK, Work } from './messages.ts'
import { CAUGHT } from './reference.ts'
import type { Handling, Watch } from './watch.ts'

/** What a handler needs of the world around it. */
export interface HandlerWorld {
  readonly behaviour: Behaviour
  readonly watch: Watch
  readonly findings: Findings
  /** Resolves when the effect has been completed, at a moment that the world picks. */
  effect(label: string): Promise<void>
  /** Kills the process of this handler. */
  kill(messageId: string): void
  /** A new number for each performance of a step. */
  nextNonce(): number
}

/** What a step of the simulation responds with. */
interface StepResponse {
  readonly value: number
  readonly nonce: number
  readonly key?: Secret
}

type WorkMessage = MessageOf<typeof Work>

/** Plays the plan of one attempt on a real context. */
export function playAttempt(
  world: HandlerWorld,
  handling: Handling,
  message: WorkMessage,
): void | Promise<void> {
  const path = message.id.slice(message.runId.length)
  const plan = world.behaviour.plan(message.data.variant, path, message.to, handling.attempt)
  const player = new Player(world, handling, message, plan)
  const isShort = plan.blocks.length === 0 && plan.end.kind !== 'hang' && plan.end.kind !== 'kill'
  if (!isShort) return player.play().finally(() => world.watch.end(handling))
  try {
    player.log()
    player.conclude(plan.end, message.data.trail)
  } finally {
    world.watch.end(handling)
  }
}

class Player {
  readonly #world: HandlerWorld
  readonly #handling: Handling
  readonly #context: DeliveryContext
  readonly #message: WorkMessage
  readonly #plan: AttemptPlan

  constructor(world: HandlerWorld, handling: Handling, message: WorkMessage, plan: AttemptPlan) {
    this.#world = world
    this.#handling = handling
    this.#context = handling.context
    this.#message = message
    this.#plan = plan
  }

  async play(): Promise<void> {
    const { blocks, end } = this.#plan
    let trail = this.#message.data.trail
    this.log()
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
      const { key } = this.#message.data
      this.#context.log('did {number}', { number, ...(key === undefined ? {} : { key }) })
    }
  }

  conclude(end: EndPlan, trail: number): void {
    const { variant } = this.#message.data
    switch (end.kind) {
      case 'handoff':
        this.#context.handoff(end.to, Work, {
          variant,
          trail,
          ...(end.hasSecret ? { key: new Secret(`${SECRET_MARK}-${trail}`) } : {}),
        })
        break
      case 'finish':
        this.#context.handoff(COORDINATOR, Done, { trail })
        break
      case 'throw':
        // Its line must not tell the secret.
        throw new Error(`refused with ${this.#message.data.key?.reveal() ?? 'nothing'}`)
      case 'terminal':
        throw new TerminalError('there is no way')
      case 'invalid':
        this.#context.handoff(this.#message.to, Work, { variant, trail: Number.NaN })
        break
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
    return { value, nonce, ...(hasSecret ? { key: new Secret(`${SECRET_MARK}-${nonce}`) } : {}) }
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

/** The result after so many more turns of the promise queue. */
async function deep<T>(run: () => Promise<T>, depth: number): Promise<T> {
  return depth === 0 ? run() : await deep(run, depth - 1)
}
