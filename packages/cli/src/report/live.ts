import type { Model } from '@nanoagent/agents'
import type { Clock } from '../screen/clock.ts'
import type { Output } from '../screen/output.ts'
import type { Paint } from '../screen/paint.ts'
import { type Activity, activityLine, advanced } from './activity.ts'

/** Where the models' work is shown. */
export interface LiveOptions {
  readonly output: Pick<Output, 'hint' | 'width'>
  readonly paint: Paint
  readonly clock: Clock
  /** Ends it. */
  readonly signal: AbortSignal
}

/** Shows what models are doing, until it is disposed. */
export interface Live extends Disposable {
  /** The same model, whose requests are shown while they are under way. */
  watched(model: Model): Model
}

/** How often the line may change. */
const FRAME_MS = 100

/**
 * Shows the models' work in one line at the terminal that is rewritten in place. Of several requests
 * at once it shows the one that a piece came of last.
 */
export function createLive({ output, paint, clock, signal }: LiveOptions): Live {
  // In the order of their latest pieces.
  const requests = new Map<symbol, Activity>()

  const draw = () => {
    const latest = [...requests.values()].at(-1)
    const { width } = output
    if (latest === undefined || width === undefined || signal.aborted) return output.hint('')
    const line = activityLine(latest, clock.now(), width)
    output.hint(line === '' ? '' : paint('dim', line))
  }
  const stop = clock.every(FRAME_MS, draw)
  const end = () => {
    stop()
    requests.clear()
    output.hint('')
  }
  signal.addEventListener('abort', end)

  return {
    watched: (model) => ({
      ...model,
      async generate(request, options) {
        const { agent: role, model: name = model.name } = request
        const key = Symbol(role)
        const startedAt = clock.now()
        requests.set(key, { role, model: name, startedAt, doing: { kind: 'waiting' } })
        try {
          return await model.generate(request, {
            ...options,
            onDelta(delta) {
              const activity = requests.get(key)
              if (activity !== undefined) {
                requests.delete(key)
                requests.set(key, advanced(activity, delta, clock.now()))
              }
              options.onDelta?.(delta)
            },
          })
        } finally {
          requests.delete(key)
          if (requests.size === 0) output.hint('')
        }
      },
    }),
    [Symbol.dispose]() {
      signal.removeEventListener('abort', end)
      end()
    },
  }
}
