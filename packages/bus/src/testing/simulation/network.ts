import type { Notice, Transport } from '../../transport.ts'
import type { ProcessState } from './process-state.ts'

interface Receiver {
  readonly by: ProcessState
  readonly role: string
  readonly deliver: (notice: Notice) => void
}

/** What is between the processes: messages on their way, in no order, some of them twice. */
export class Network {
  readonly #receivers = new Set<Receiver>()
  readonly #messages: { readonly message: Notice; readonly isCopy: boolean }[] = []
  readonly #isDoubled: (notice: Notice) => boolean
  duplicates = 0

  constructor(isDoubled: (notice: Notice) => boolean) {
    this.#isDoubled = isDoubled
  }

  /** Messages on their way. */
  get size(): number {
    return this.#messages.length
  }

  /** The transport of one process. What arrives goes to all processes that live then. */
  of(by: ProcessState): Transport {
    return {
      send: (message) => {
        if (by.state === 'dead') return
        this.#messages.push({ message, isCopy: false })
        if (this.#isDoubled(message)) this.#messages.push({ message, isCopy: true })
      },
      receive: (role, deliver) => {
        const receiver = { by, role, deliver }
        this.#receivers.add(receiver)
        return { [Symbol.dispose]: () => void this.#receivers.delete(receiver) }
      },
    }
  }

  /** One of the messages arrives. */
  deliver(index: number): string {
    const [next] = this.#messages.splice(index, 1)
    if (next === undefined) return 'nothing is delivered'
    const { message, isCopy } = next
    if (isCopy) this.duplicates++
    for (const { by, role, deliver } of [...this.#receivers]) {
      if (role === message.to && by.state !== 'dead') deliver(message)
    }
    return `message ${message.id} is delivered${isCopy ? ' again' : ''}`
  }

  died(by: ProcessState): void {
    for (const receiver of this.#receivers) if (receiver.by === by) this.#receivers.delete(receiver)
  }
}
