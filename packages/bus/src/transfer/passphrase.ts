import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes, scrypt } from 'node:crypto'
import { z } from 'zod'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
const SALT_BYTES = 16

/** What the key of one export is made for. */
const PURPOSE = 'nanoagent export'

/** Sealed beside the parameters, so that a wrong passphrase is known before anything else is read. */
const CHECK = 'nanoagent'

/**
 * How secrets are sealed under a passphrase: AES-256-GCM, with a key that HKDF makes for one export of what
 * scrypt derives from the passphrase. Exports of one journal share what scrypt takes long for.
 */
export const sealingSchema = z.strictObject({
  cipher: z.literal(CIPHER),
  kdf: z.literal('scrypt'),
  /** Memory is 128 times cost times block size, in bytes: at most 1 GiB is spent on somebody's file. */
  cost: z
    .int()
    .min(2)
    .max(1_048_576)
    .refine((cost) => Number.isInteger(Math.log2(cost)), { error: 'expected a power of two' }),
  blockSize: z.int().min(1).max(8),
  parallelization: z.int().min(1).max(8),
  /** What scrypt takes: Base64. */
  salt: z.base64(),
  /** What HKDF takes, other in each export: Base64. Absent in version 1, where the salt is. */
  ownSalt: z.base64().optional(),
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

/** What scrypt costs for what is sealed now. */
const COSTS = { cost: 131_072, blockSize: 8, parallelization: 1 } as const

/** Whether a key that is derived for this costs as much as one that is derived now. */
export function costsAsMuch({ cost, blockSize, parallelization }: Sealing): boolean {
  return (
    cost === COSTS.cost &&
    blockSize === COSTS.blockSize &&
    parallelization === COSTS.parallelization
  )
}

/** A salt for scrypt, in Base64: of these bytes, else of chance. */
export function saltOf(bytes: Uint8Array = randomBytes(SALT_BYTES)): string {
  return Buffer.from(bytes.subarray(0, SALT_BYTES)).toString('base64')
}

/** A new key for a passphrase, which no other export has, whatever has this salt. */
export async function newSealing(
  passphrase: string,
  salt: string,
): Promise<{ readonly sealing: Sealing; readonly key: SealingKey }> {
  const parameters = { cipher: CIPHER, kdf: 'scrypt', ...COSTS, salt, ownSalt: saltOf() } as const
  const key = await keyFor(passphrase, parameters)
  return { sealing: { ...parameters, check: key.seal(CHECK, 'check') }, key }
}

/** The key for a passphrase; `undefined` where it is another passphrase. */
export async function openSealing(
  passphrase: string,
  sealing: Sealing,
): Promise<SealingKey | undefined> {
  const key = await keyFor(passphrase, sealing)
  return key.open(sealing.check, 'check') === CHECK ? key : undefined
}

async function keyFor(
  passphrase: string,
  { ownSalt, ...parameters }: Omit<Sealing, 'check'>,
): Promise<SealingKey> {
  const derived = await deriveOnce(passphrase, parameters)
  if (ownSalt === undefined) return sealingKey(derived)
  const own = hkdfSync('sha256', derived, Buffer.from(ownSalt, 'base64'), PURPOSE, KEY_BYTES)
  return sealingKey(new Uint8Array(own))
}

/** Most of what was derived that is kept. */
const MOST_KEPT = 16

/** What was derived, the latest last: many exports share a salt, and it takes long on purpose. */
const kept = new Map<string, Promise<Uint8Array>>()

async function deriveOnce(
  passphrase: string,
  { cost, blockSize, parallelization, salt }: ScryptParameters,
): Promise<Uint8Array> {
  const name = JSON.stringify([hash('sha256', passphrase), cost, blockSize, parallelization, salt])
  const derived = kept.get(name) ?? derive(passphrase, { cost, blockSize, parallelization, salt })
  kept.delete(name)
  kept.set(name, derived)
  const [oldest] = kept.keys()
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
  try {
    return await derived
  } catch (error) {
    kept.delete(name)
    throw error
  }
}

type ScryptParameters = Pick<Sealing, 'cost' | 'blockSize' | 'parallelization' | 'salt'>

async function derive(passphrase: string, parameters: ScryptParameters): Promise<Uint8Array> {
  const { cost, blockSize, parallelization, salt } = parameters
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  // Twice of what it takes, which is more than Node allows unasked.
  const options = { cost, blockSize, parallelization, maxmem: 256 * cost * blockSize }
  const text = passphrase.normalize('NFC')
  scrypt(text, Buffer.from(salt, 'base64'), KEY_BYTES, options, (error, key) => {
    if (error === null) resolve(key)
    else reject(error)
  })
  return await promise
}

function sealingKey(key: Uint8Array): SealingKey {
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
