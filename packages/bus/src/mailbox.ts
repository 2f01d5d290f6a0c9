import type { Delivery } from './delivery.ts'
import { Fifo } from './fifo.ts'

/** The deliveries of one run to one role, in journal order. It belongs to the run and goes with it. */
export interface Lane {
  readonly mailbox: Mailbox
  /** The first of those not begun. */
  head: Delivery | undefined
  /** The rest of those not begun; few runs ever have one. */
  queue?: Fifo<Delivery>
  /** Begun and not settled; a delivery in backoff is one of them. */
  active: number
  /** The run's next lane, of another role. */
  readonly next: Lane | undefined
}

/**
 * A role's mailbox: deliveries of one run begin in journal order, `perRun` at a time; all runs
 * together have `concurrency` slots. The journal says the order, the transport only wakes: a
 * delivery that arrives early waits for those before it, and a duplicate changes nothing.
 */
export class Mailbox {
  #perRun = 1
  #slots = 0
  readonly #waiting = new Fifo<() => void>()
  #freeSlots = 0
  #isGranting = false

  /** Slots for all runs together, and deliveries of one run at once. */
  setConcurrency(slots: number, perRun: number): void {
    this.#freeSlots += slots - this.#slots
    this.#slots = slots
    this.#perRun = perRun
  }

  /** Puts a delivery at the end of its run's lane. It begins when it has arrived. */
  expect(delivery: Delivery): void {
    const lane = this.#laneOf(delivery)
    if (lane === undefined) {
      const { run } = delivery
      run.lanes = { mailbox: this, head: delivery, active: 0, next: run.lanes }
    } else if (lane.head === undefined) lane.head = delivery
    else {
      lane.queue ??= new Fifo()
      lane.queue.push(delivery)
    }
  }

  /** Begins what can begin now that this delivery is here. */
  arrived(delivery: Delivery): void {
    const lane = this.#laneOf(delivery)
    if (lane !== undefined) this.#pump(lane)
  }

  /** A delivery is settled: the next one of its run may begin. */
  leave(delivery: Delivery): void {
    const lane = this.#laneOf(delivery)
    if (lane === undefined) return
    if (delivery.state === 'begun') lane.active--
    else delivery.state = 'left'
    this.#pump(lane)
  }

  /** A run has few roles, so looking through its lanes beats a map. */
  #laneOf({ run }: Delivery): Lane | undefined {
    let lane = run.lanes
    while (lane !== undefined && lane.mailbox !== this) lane = lane.next
    return lane
  }

  /** Takes a slot now, where there is one and nobody waits for it; says whether it did. */
  tryTakeSlot(): boolean {
    if (this.#freeSlots <= 0 || this.#waiting.size > 0) return false
    this.#freeSlots--
    return true
  }

  /** Calls `go` when there is a slot, now or later, in the order of the calls. */
  takeSlot(go: () => void): void {
    if (this.tryTakeSlot()) go()
    else this.#waiting.push(go)
  }

  /** Whoever gets the slot may give it back at once, so this is a loop and never calls itself. */
  giveSlot(): void {
    this.#freeSlots++
    if (this.#isGranting) return
    this.#isGranting = true
    while (this.#freeSlots > 0 && this.#waiting.size > 0) {
      this.#freeSlots--
      this.#waiting.shift()?.()
    }
    this.#isGranting = false
  }

  #pump(lane: Lane): void {
    for (let delivery = lane.head; delivery !== undefined; delivery = lane.head) {
      const hasLeft = delivery.state === 'left'
      if (!hasLeft) {
        // One that is cancelled holds its place until that is stored.
        if (delivery.state !== 'arrived' || delivery.isOver || lane.active >= this.#perRun) return
        lane.active++
      }
      lane.head = lane.queue?.shift()
      if (!hasLeft) delivery.begin()
    }
  }
}
