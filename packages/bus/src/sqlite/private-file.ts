import { chmodSync, statSync } from 'node:fs'

/** Makes a file of this user's private, with mode 0600, where others may read it and the system lets us. */
export function makePrivate(path: string): void {
  try {
    const { uid, mode } = statSync(path)
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) chmodSync(path, 0o600)
  } catch {
    // Some file systems have no modes; whether the file can be read is for others to say.
  }
}
