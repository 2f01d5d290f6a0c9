import type { Delivery } from './delivery.ts'
import type { RecordDraft } from './records.ts'

type Leaving = Pick<Delivery, 'leave'>
type Sent = Pick<Delivery, 'send'>

/**
 * One append in the making: its records, and what happens to deliveries when they are stored. Whatever
 * decides what an event means adds to it.
 */
export class Settlement {
  readonly at: number
  readonly records: RecordDraft[]
  #left: Leaving | undefined
  #alsoLeft: Leaving[] | undefined
  #sent: Sent | undefined
  #alsoSent: Sent[] | undefined
  #answers: ((stored: Promise<boolean>) => void)[] | undefined

  constructor(at: number, records: RecordDraft[] = []) {
    this.at = at
    this.records = records
  }

  /** This delivery leaves its mailbox once the records are stored. */
  leaves(delivery: Leaving): void {
    if (this.#left === undefined) this.#left = delivery
    else {
      this.#alsoLeft ??= []
      this.#alsoLeft.push(delivery)
    }
  }

  /** This delivery is sent once the records are stored. */
  sends(delivery: Sent): void {
    if (this.#sent === undefined) this.#sent = delivery
    else {
      this.#alsoSent ??= []
      this.#alsoSent.push(delivery)
    }
  }

  /** Called as soon as the journal has the records, with whether they are stored. */
  answers(answer: (stored: Promise<boolean>) => void): void {
    this.#answers ??= []
    this.#answers.push(answer)
  }

  /** The journal has them, and has yet to acknowledge them. */
  handedOver(stored: Promise<boolean>): void {
    if (this.#answers !== undefined) for (const answer of this.#answers) answer(stored)
  }

  /** The journal has acknowledged them. */
  stored(): void {
    this.#leave()
    this.#sent?.send()
    if (this.#alsoSent !== undefined) for (const delivery of this.#alsoSent) delivery.send()
  }

  /** They are not stored, and nothing of the run will be here: it must not hold up other runs. */
  lost(): void {
    this.#leave()
  }

  #leave(): void {
    this.#left?.leave()
    if (this.#alsoLeft !== undefined) for (const delivery of this.#alsoLeft) delivery.leave()
  }
}
