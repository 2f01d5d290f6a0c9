import type { SQLOutputValue } from 'node:sqlite'

/** A row of a table. */
export type Row = Readonly<Record<string, SQLOutputValue>>

/** A column that is a text. Throws a `SyntaxError` where it is none. */
export function text(row: Row, name: string): string {
  const value = row[name]
  if (typeof value === 'string') return value
  throw new SyntaxError(`${name} is no text`)
}

/** A column that is a number. Throws a `SyntaxError` where it is none. */
export function number(row: Row, name: string): number {
  const value = row[name]
  if (typeof value === 'number') return value
  throw new SyntaxError(`${name} is no number`)
}

/** A column that is a text or null, which is `undefined`. */
export function maybeText(row: Row, name: string): string | undefined {
  return row[name] === null ? undefined : text(row, name)
}

/** A column that is a number or null, which is `undefined`. */
export function maybeNumber(row: Row, name: string): number | undefined {
  return row[name] === null ? undefined : number(row, name)
}
