import { redact, type Secret } from '../secret.ts'

/**
 * Whether two texts may be one that was redacted at two times: what is secret at a time is a race, and so
 * is by which name, where several secrets have one value.
 */
export function areRedactedAlike(
  before: string,
  after: string,
  secrets: Iterable<Secret>,
): boolean {
  const known = [...secrets].filter(({ hasValue }) => hasValue)
  const names = new Map<string, string>()
  for (const secret of known) {
    const value = secret.reveal()
    if (!names.has(value)) names.set(value, secret.handle)
  }
  // No name begins another one.
  const inOneWay = (text: string) =>
    known.reduce(
      (told, secret) => told.replaceAll(secret.handle, names.get(secret.reveal()) ?? ''),
      redact(text, known),
    )
  return inOneWay(before) === inOneWay(after)
}
