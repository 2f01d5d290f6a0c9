import type { Secret } from '@nanoagent/bus'

/** A text with secrets in place of their handles, as their owner may see them. */
export function revealed(
  text: string,
  secrets: readonly Secret[],
  show: (secret: Secret) => string,
): string {
  // The longer handle first, since one may begin another.
  const byLength = [...secrets].sort((a, b) => b.handle.length - a.handle.length)
  return byLength.reduce(
    (shown, secret) => shown.replaceAll(secret.handle, () => show(secret)),
    text,
  )
}
