import type { StepRecord, Usage } from './records.ts'

const NOTHING: Usage = Object.freeze({
  inputTokens: 0,
  outputTokens: 0,
  modelCalls: 0,
  toolCalls: 0,
})

/** Adds up what the steps of a run used. */
export class UsageCount {
  #inputTokens = 0
  #outputTokens = 0
  #modelCalls = 0
  #toolCalls = 0

  get tokens(): number {
    return this.#inputTokens + this.#outputTokens
  }

  add({ stepKind, usage, outcome }: StepRecord): void {
    if (outcome.type === 'intent') return
    if (stepKind === 'model') this.#modelCalls++
    if (stepKind === 'tool') this.#toolCalls++
    this.#inputTokens += usage?.inputTokens ?? 0
    this.#outputTokens += usage?.outputTokens ?? 0
  }

  total(): Usage {
    if (this.tokens + this.#modelCalls + this.#toolCalls === 0) return NOTHING
    return {
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      modelCalls: this.#modelCalls,
      toolCalls: this.#toolCalls,
    }
  }
}

/** What these steps used in all. */
export function usageOf(steps: Iterable<StepRecord>): Usage {
  const count = new UsageCount()
  for (const step of steps) count.add(step)
  return count.total()
}
