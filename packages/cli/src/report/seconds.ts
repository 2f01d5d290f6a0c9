/** A time as a person reads it: milliseconds below a second, then seconds, then minutes. */
export function seconds(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const whole = Math.round(ms / 1_000)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** The same in few cells, for tables: such as `12 ms`, `3.4 s`, `5m 6s`, `7h 8m`, `9d 10h`. */
export function shortTime(ms: number): string {
  const whole = Math.round(ms / 1_000)
  if (ms < 59_950) return seconds(ms)
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}m ${whole % 60}s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`
}
