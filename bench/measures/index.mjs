import * as allocation from './allocation.mjs'
import * as ask from './ask.mjs'
import * as atOnce from './at-once.mjs'
import * as coldStart from './cold-start.mjs'
import * as durable from './durable.mjs'
import * as eventLoop from './event-loop.mjs'
import * as fanOut from './fan-out.mjs'
import * as largeJournal from './large-journal.mjs'
import * as publish from './publish.mjs'
import * as replay from './replay.mjs'
import * as soak from './soak.mjs'
import * as threeHops from './three-hops.mjs'
import * as types from './types.mjs'

/**
 * The measures, in the order in which they are taken. Each is a file of this folder that exports
 * `name`, `summary`, `measure({ quick })`, which gives plain data, and `report(data)`, which makes
 * text of it. `flags` are for the Node that measures. Each is measured in a process of its own, the
 * contenders of one measure in the same process.
 */
export const measures = [
  threeHops,
  atOnce,
  fanOut,
  ask,
  publish,
  durable,
  eventLoop,
  largeJournal,
  replay,
  allocation,
  soak,
  coldStart,
  types,
]
