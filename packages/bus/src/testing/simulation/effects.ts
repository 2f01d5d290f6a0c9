import type { ProcessState } from './process-state.ts'

interface Effect {
  readonly by: ProcessState
  readonly label: string
  readonly complete: () => void
}

/** Effects of steps that are under way in the world outside. */
export class Effects {
  #effects: Effect[] = []

  get size(): number {
    return this.#effects.length
  }

  /** Resolves when the world completes the effect; never where its process is dead by then. */
  begin(by: ProcessState, label: string): Promise<void> {
    return new Promise((resolve) => this.#effects.push({ by, label, complete: resolve }))
  }

  complete(index: number): string {
    const [effect] = this.#effects.splice(index, 1)
    effect?.complete()
    return `${effect?.label ?? 'nothing'} completes`
  }

  died(by: ProcessState): void {
    this.#effects = this.#effects.filter((effect) => effect.by !== by)
  }
}
