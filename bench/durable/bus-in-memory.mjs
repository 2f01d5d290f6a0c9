import { create as createBus } from '../contenders/bus.mjs'

export const title = 'nanoagent bus, memory journal'

/** What durability is to be compared with. */
export function create() {
  return createBus()
}
