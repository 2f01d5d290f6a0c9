import { DEFAULTS, InvalidOptionError } from '@nanoagent/bus'
import { deriveModel } from './derive-model.ts'
import type { Model, ModelRequest } from './model.ts'

/**
 * The same model with at most `atOnce` requests under way for each model name, whoever asks; the
 * others wait in the order in which they came. A request that is aborted while it waits is not made.
 * Whoever is given the same limited model shares its places, several orchestrators too.
 */
export function limitRequests(model: Model, atOnce: number = DEFAULTS.modelRequestsAtOnce): Model {
  if (!Number.isInteger(atOnce) || atOnce < 1) {
    throw new InvalidOptionError('modelRequestsAtOnce', atOnce, 'a whole number from 1')
  }
  const queues = new Map<string, Queue>()
  const queueOf = ({ model: name = model.name }: ModelRequest): Queue => {
    const queue = queues.get(name) ?? { running: 0, waiting: [] }
    queues.set(name, queue)
    return queue
  }
  return deriveModel(model, async (request, options) => {
    const queue = queueOf(request)
    if (queue.running >= atOnce) await turn(queue, options.signal)
    else queue.running++
    try {
      return await model.generate(request, options)
    } finally {
      const next = queue.waiting.shift()
      if (next === undefined) queue.running--
      else next()
    }
  })
}

interface Queue {
  running: number
  readonly waiting: (() => void)[]
}

/** Resolves when a place was handed over; rejects, out of the queue, when the signal aborts. */
function turn(queue: Queue, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const go = () => {
      signal.removeEventListener('abort', leave)
      resolve()
    }
    const leave = () => {
      queue.waiting.splice(queue.waiting.indexOf(go), 1)
      reject(signal.reason)
    }
    queue.waiting.push(go)
    signal.addEventListener('abort', leave, { once: true })
  })
}
