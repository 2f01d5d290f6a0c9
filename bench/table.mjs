/** A table as text: the first column is to the left, the others to the right. */
export function table(title, columns, rows) {
  const lines = [columns, ...rows.map((row) => row.map(String))]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at].length)))
  const text = lines.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
      .join('   ')
      .trimEnd(),
  )
  const rule = widths.map((width) => '─'.repeat(width)).join('───')
  return [title, `  ${text[0]}`, `  ${rule}`, ...text.slice(1).map((line) => `  ${line}`)].join(
    '\n',
  )
}

/** A number with as many digits as mean something: 3.14, 31.4, 3,142; a dash where there is none. */
export function digits(value) {
  if (Number.isNaN(value)) return '–'
  const size = Math.abs(value)
  const places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 4
  return value.toLocaleString('en-US', {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  })
}

/** A ratio, such as `3.50×`; a dash where one of the two is no number. */
export function ratio(value, base) {
  return Number.isNaN(value / base) ? '–' : `${digits(value / base)}×`
}
