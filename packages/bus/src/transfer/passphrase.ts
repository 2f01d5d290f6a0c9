import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { z } from 'zod'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Sealed beside the parameters, so that a wrong passphrase is known before anything else is read. */
const CHECK = 'nanoagent'

/** How secrets are sealed under a passphrase: AES-256-GCM, with a key that scrypt derives from it. */
export const sealingSchema = z.strictObject({
  cipher: z.literal(CIPHER),
  kdf: z.literal('scrypt'),
  /** Memory is 128 times cost times block size, in bytes: at most 1 GiB is spent on somebody's file. */
  cost: z.int().min(2).max(1_048_576),
  blockSize: z.int().min(1).max(8),
  parallelization: z.int().min(1).max(8),
  /** Base64. */
  salt: z.base64(),
  check: z.base64(),
})

/** How secrets are sealed, as it is written. */
export type Sealing = z.infer<typeof sealingSchema>

/** Seals and opens values under one key. What a value is sealed for must be said again to open it. */
export interface SealingKey {
  seal(value: string, purpose: string): string
  /** The value; `undefined` where it was sealed with another key, for another purpose, or was changed. */
  open(sealed: string, purpose: string): string | undefined
}

/** A new key for a passphrase. */
export async function newSealing(
  passphrase: string,
): Promise<{ readonly sealing: Sealing; readonly key: SealingKey }> {
  const parameters = {
    cipher: CIPHER,
    kdf: 'scrypt',
    cost: 131_072,
    blockSize: 8,
    parallelization: 1,
    salt: randomBytes(16).toString('base64'),
  } as const
  const key = await derive(passphrase, parameters)
  return { sealing: { ...parameters, check: key.seal(CHECK, 'check') }, key }
}

/** The key for a passphrase; `undefined` where it is another passphrase. */
export async function openSealing(
  passphrase: string,
  sealing: Sealing,
): Promise<SealingKey | undefined> {
  const key = await derive(passphrase, sealing)
  return key.open(sealing.check, 'check') === CHECK ? key : undefined
}

async function derive(passphrase: string, parameters: Omit<Sealing, 'check'>): Promise<SealingKey> {
  const { cost, blockSize, parallelization, salt } = parameters
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  // Twice of what it takes, which is more than Node allows unasked.
  const options = { cost, blockSize, parallelization, maxmem: 256 * cost * blockSize }
  scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 32, options, (error, key) => {
    if (error === null) resolve(key)
    else reject(error)
  })
  return sealingKey(await promise)
}

function sealingKey(key: Buffer): SealingKey {
  return {
    seal(value, purpose) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(purpose))
      const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')
    },
    open(sealed, purpose) {
      const bytes = Buffer.from(sealed, 'base64')
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
      if (tag.length < TAG_BYTES) return undefined
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(tag)
      const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
      try {
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}
