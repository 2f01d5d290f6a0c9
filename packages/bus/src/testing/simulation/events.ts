/** One thing that happened, for people. */
export interface ScheduleLine {
  readonly event: number
  readonly text: string
  /** Whether it is what happens anyway, where nothing else is chosen. */
  readonly isCalm: boolean
}

/** Things that can happen, of one kind. */
export interface Source {
  readonly size: number
  readonly take: (at: number) => string
}

/** Lets the one of this number happen, counted through all the sources. */
export function takeFrom(sources: readonly Source[], number: number): string {
  let at = number
  for (const { size, take } of sources) {
    if (at < size) return take(at)
    at -= size
  }
  return 'nothing happens'
}

/** Resolves when every promise that could go on has gone on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
