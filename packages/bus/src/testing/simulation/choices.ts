import type { Chance } from './chance.ts'

/**
 * The choices of one schedule, in their order. They come by chance, or from a list of an earlier
 * schedule; where the list ends, or its number does not fit, the calm choice 0 is taken.
 */
export class Choices {
  readonly taken: number[] = []
  readonly #source: Chance | readonly number[]

  constructor(source: Chance | readonly number[]) {
    this.#source = source
  }

  /** One of `calm` options, or of the `faults` after them, which come with this probability. */
  next(calm: number, faults: number, faultRate: number): number {
    const source = this.#source
    const listed = 'next' in source ? undefined : (source[this.taken.length] ?? 0)
    let choice: number
    if (listed !== undefined) choice = listed < calm + faults ? listed : 0
    else if ('next' in source && faults > 0 && source.is(faultRate)) {
      choice = calm + source.below(faults)
    } else choice = 'next' in source ? source.below(calm) : 0
    this.taken.push(choice)
    return choice
  }
}
