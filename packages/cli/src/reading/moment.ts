const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const

const AGO = /^(\d{1,6}) ?([smhdw])$/
const DATE = /^\d{4}-\d\d-\d\d$/
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/

/** What a moment may be written as, for people. */
export const MOMENTS =
  "a time ago such as '2h' or '3d', or a date such as '2026-01-31' or '2026-01-31T18:30'"

/**
 * A moment in epoch milliseconds: so long ago, or a date with or without a time, which is local unless it
 * says otherwise. `undefined` where the text is none.
 */
export function momentOf(text: string, now: number): number | undefined {
  const ago = durationOf(text)
  if (ago !== undefined) return now - ago
  if (!DATE.test(text) && !TIME.test(text)) return undefined
  // A date alone would be one of Greenwich.
  const moment = Date.parse(DATE.test(text) ? `${text}T00:00` : text.replace(' ', 'T'))
  return Number.isNaN(moment) || !isReal(text) ? undefined : moment
}

/** So many seconds, minutes, hours, days or weeks, such as `30d`, in milliseconds; `undefined` for no such text. */
export function durationOf(text: string): number | undefined {
  const [, count, unit] = AGO.exec(text) ?? []
  return count !== undefined && isUnit(unit) ? Number(count) * UNITS[unit] : undefined
}

/** How long ago a moment is, in one unit, such as `5s`, `12m`, `3h`, `40d`; in years from two on. */
export function ageOf(moment: number, now: number): string {
  const ms = Math.max(0, now - moment)
  if (ms < UNITS.m) return `${Math.floor(ms / UNITS.s)}s`
  if (ms < UNITS.h) return `${Math.floor(ms / UNITS.m)}m`
  if (ms < UNITS.d) return `${Math.floor(ms / UNITS.h)}h`
  const days = Math.floor(ms / UNITS.d)
  return days < 730 ? `${days}d` : `${Math.floor(days / 365)}y`
}

/** A moment as local date and time, with milliseconds. */
export function timeText(moment: number): string {
  const date = new Date(moment)
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
  return `${day.map((part) => String(part).padStart(2, '0')).join('-')} ${clockText(moment)}`
}

/** The local time of a moment, with milliseconds. */
export function clockText(moment: number): string {
  const date = new Date(moment)
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
  const ms = String(date.getMilliseconds()).padStart(3, '0')
  return `${clock.map((part) => String(part).padStart(2, '0')).join(':')}.${ms}`
}

function isUnit(text: string | undefined): text is keyof typeof UNITS {
  return text !== undefined && Object.hasOwn(UNITS, text)
}

/** Whether the day is in the calendar: some that are not are read as days of the next month. */
function isReal(text: string): boolean {
  const day = text.slice(0, 10)
  return new Date(`${day}T00:00Z`).toJSON()?.startsWith(day) === true
}
