import { type MemoryReads, Secret } from '@nanoagent/bus'
import type { WorkMemory } from '../worker.ts'

/** The key that says of a password, by its fingerprint, whether it was given. */
const keyOf = (fingerprint: string) => `given ${fingerprint}`

/** Whether a password was given before. */
export async function wasGiven(memory: MemoryReads, password: string): Promise<boolean> {
  const fingerprint = await memory.fingerprint(new Secret(password))
  return (await memory.get(keyOf(fingerprint))) === true
}

/** Remembers of passwords that they are given, or are not after all, without keeping them. */
export async function rememberGiven(
  memory: WorkMemory,
  passwords: readonly Secret[],
  isGiven = true,
): Promise<void> {
  const fingerprints = await Promise.all(passwords.map((one) => memory.fingerprint(one)))
  for (const fingerprint of fingerprints) memory.set(keyOf(fingerprint), isGiven)
}
