import { UsageError } from '../errors.ts'

/** The data as JSON text for a person, its secrets by their handles. */
export function dataText(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`
}

/** Data from JSON text, its secrets by their handles. Throws a `UsageError`. */
export function parseData(text: string, from: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${from} is no JSON: ${why}: give the message's data as JSON`)
  }
}
