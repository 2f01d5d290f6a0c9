import { Secret } from '@nanoagent/bus'
import { cellsOf } from './cells.ts'
import { oneLine, printableJsonLine, printableLines } from './printable.ts'

/** Lists of plain values are in one line up to here. */
const SHORT_CELLS = 72

/**
 * JSON data as lines for people: a line for each field, indented below what it is part of; texts of
 * several lines as they are, behind a `|`. Secrets are shown by their names. No line steers the terminal.
 */
export function dataLines(value: unknown, indent = ''): readonly string[] {
  if (isPlain(value)) return textLines(value, indent)
  const lines = Array.isArray(value) ? listLines(value) : entryLines(value)
  return lines.map((line) => indent + line)
}

/** The same of data that is in one line anyway; `undefined` where it is not. */
function inOneLine(value: unknown): string | undefined {
  if (isPlain(value)) return isLong(value) ? undefined : plainText(value)
  if (!Array.isArray(value)) {
    return typeof value === 'object' && value !== null && Object.keys(value).length === 0
      ? '{}'
      : undefined
  }
  if (!value.every((item) => isPlain(item) && !isLong(item))) return undefined
  const text = `[${value.map(plainText).join(', ')}]`
  return cellsOf(text) <= SHORT_CELLS || value.length === 0 ? text : undefined
}

function entryLines(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [plainText(value)]
  const entries = Object.entries(value)
  if (entries.length === 0) return ['{}']
  return entries.flatMap(([key, part]) => labelled(`${oneLine(key)}:`, part, '  '))
}

function listLines(items: readonly unknown[]): readonly string[] {
  const short = inOneLine(items)
  if (short !== undefined) return [short]
  return items.flatMap((item) => {
    const line = inOneLine(item)
    if (line !== undefined) return [`- ${line}`]
    const [first = '', ...rest] = dataLines(item)
    return [`- ${first}`, ...rest.map((further) => `  ${further}`)]
  })
}

function labelled(label: string, value: unknown, indent: string): readonly string[] {
  const line = inOneLine(value)
  if (line !== undefined) return [`${label} ${line}`]
  if (!isPlain(value)) return [label, ...dataLines(value, indent)]
  const [mark = '', ...lines] = textLines(value, indent)
  return [`${label} ${mark.trimStart()}`, ...lines]
}

/** A text of several lines has a line for its mark before them. */
function textLines(value: unknown, indent: string): readonly string[] {
  if (!isLong(value)) return [indent + plainText(value)]
  return [`${indent}|`, ...printableLines(value).map((line) => `${indent}${line}`.trimEnd())]
}

function isLong(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n')
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null || value instanceof Secret
}

function plainText(value: unknown): string {
  if (value instanceof Secret) return value.handle
  return typeof value === 'string' ? printableJsonLine(value) : String(value)
}
