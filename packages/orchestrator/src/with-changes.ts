import { InvalidOptionError, Secret } from '@nanoagent/bus'

/** A change of one part of a message's data. */
export interface DataChange {
  /** Where in the data: names and places in lists, with dots between them, such as `branches.0.data.length`. */
  readonly path: string
  /** What it is to be: JSON, a `Secret`, or the handle of one. */
  readonly value: unknown
}

/**
 * The data of a message with parts of it changed, in the order of the changes: what a fork takes as its `data`,
 * where only a part is another. An object gets what it does not have, a list one more item at its end. Throws an
 * `InvalidOptionError` for a path that leads nowhere, which names what is there.
 */
export function withChanges(data: unknown, changes: readonly DataChange[]): unknown {
  return changes.reduce(withChange, data)
}

function withChange(data: unknown, { path, value }: DataChange): unknown {
  const names = path.split('.')
  const set = (part: unknown, depth: number): unknown => {
    const name = names[depth]
    if (name === undefined) return value
    const isLast = depth === names.length - 1
    const expected = (what: string) =>
      new InvalidOptionError(`part ${depth + 1} of the path '${path}'`, `'${name}'`, what)
    if (Array.isArray(part)) {
      const at = /^\d+$/.test(name) ? Number(name) : -1
      const most = isLast ? part.length : part.length - 1
      if (most < 0) throw expected('nothing, since the list is empty')
      if (at < 0 || at > most) throw expected(`a place from 0 to ${most}`)
      return part.toSpliced(at, 1, set(part[at], depth + 1))
    }
    if (typeof part !== 'object' || part === null || part instanceof Secret) {
      throw expected('nothing, since what is there has no parts')
    }
    const parts = new Map(Object.entries(part))
    if (!isLast && !parts.has(name)) throw expected([...parts.keys()].join(', ') || 'nothing')
    return Object.fromEntries(parts.set(name, set(parts.get(name), depth + 1)))
  }
  return set(data, 0)
}
