import {
  type Bus,
  type BusOptions,
  createBus as createRealBus,
  describeDivergence,
  type JournalRecord,
  type MessageType,
  replayDeliveries,
  type Subscriber,
} from '@nanoagent/bus'

export * from '@nanoagent/bus'

/** A bus, who played and listened on it, and what it recorded. */
interface Watched {
  readonly roles: Map<string, Subscriber<MessageType>>
  readonly listeners: Map<string, Subscriber<MessageType>>
  readonly records: JournalRecord[]
}

const watched: Watched[] = []

/** Creates a bus whose runs are replayed before the process ends. */
export function createBus(options: BusOptions = {}): Bus {
  const bus = createRealBus(options)
  const roles: Watched['roles'] = new Map()
  const listeners: Watched['listeners'] = new Map()
  const records: JournalRecord[] = []
  watched.push({ roles, listeners, records })
  bus.observe((record) => records.push(record))
  const subscribe = bus.subscribe.bind(bus)
  const listen = bus.listen.bind(bus)
  bus.subscribe = (role, subscriber) => {
    roles.set(role, subscriber)
    return subscribe(role, subscriber)
  }
  bus.listen = (name, listener) => {
    listeners.set(name, listener)
    return listen(name, listener)
  }
  return bus
}

process.once('beforeExit', async () => {
  let alike = 0
  for (const bus of watched) {
    for (const records of Map.groupBy(bus.records, ({ runId }) => runId).values()) {
      for await (const { deliveryId, status, divergence } of replayDeliveries({
        ...bus,
        records,
      })) {
        if (status === 'identical') alike++
        else if (divergence !== undefined) {
          const { what, expected, actual } = describeDivergence(divergence)
          console.error(`${deliveryId}: ${what}: expected ${expected}, got ${actual}`)
        }
      }
    }
  }
  console.error(`replayed ${alike} deliveries alike`)
})
