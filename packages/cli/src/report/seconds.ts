/** A time as a person reads it: milliseconds below a second, then seconds, then minutes. */
export function seconds(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const whole = Math.round(ms / 1_000)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}
