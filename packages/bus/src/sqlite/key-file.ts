import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
} from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { JournalFileError } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { Sealer } from './codec.ts'
import { codeOf } from './file-errors.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'

/** What the key of a journal is for. */
export class JournalKey implements Sealer {
  /** Tells keys apart, and tells nothing of them. */
  readonly id: string
  readonly #path: string
  readonly #sealing: Uint8Array
  readonly #naming: Uint8Array
  /** What was sealed is not sealed again: a secret is in many records. */
  readonly #sealed = new WeakMap<Secret, { readonly handle: string; readonly text: string }>()

  constructor(path: string, bytes: Uint8Array) {
    this.#path = path
    this.#sealing = derive(bytes, 'seal')
    this.#naming = derive(bytes, 'fingerprint')
    this.id = hash('sha256', derive(bytes, 'id')).slice(0, 32)
  }

  seal(secret: Secret): string {
    const { handle } = secret
    const known = this.#sealed.get(secret)
    if (known?.handle === handle) return known.text
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#sealing, nonce).setAAD(Buffer.from(handle))
    const value = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()])
    const text = Buffer.concat([nonce, cipher.getAuthTag(), value]).toString('base64')
    this.#sealed.set(secret, { handle, text })
    return text
  }

  open(handle: string, sealed: string): Secret {
    const bytes = Buffer.from(sealed, 'base64')
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
      const decipher = createDecipheriv(CIPHER, this.#sealing, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(handle)).setAuthTag(tag)
      const value = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
      const secret = new Secret(Buffer.concat([value, decipher.final()]).toString('utf8'))
      secret.name(handle)
      this.#sealed.set(secret, { handle, text: sealed })
      return secret
    } catch (cause) {
      const message = `the value of ${handle} does not open: it was sealed with another key, or changed`
      throw new JournalFileError('wrong_journal_key', this.#path, message, { cause })
    }
  }

  fingerprint(value: string): string {
    return createHmac('sha256', this.#naming).update(value).digest('hex')
  }
}

/** Reads secrets without a key: they have no values. */
export const SEALED: Sealer = {
  seal: ({ handle }) => {
    throw new TypeError(`${handle} cannot be sealed without a key`)
  },
  open: (handle) => Secret.withoutValue(handle),
}

function derive(bytes: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', bytes, '', `nanoagent journal ${purpose}`, KEY_BYTES))
}

/** The key in a file; `undefined` where there is no such file. Throws where it is none. */
export function readKey(path: string): JournalKey | undefined {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    const message = `the key of the journal cannot be read (${codeOf(cause)}): check who owns it`
    throw new JournalFileError('no_journal_key', path, message, { cause })
  }
  if (bytes.length !== KEY_BYTES) {
    const message = `a key has ${KEY_BYTES} bytes, this file has ${bytes.length}: bring back the journal's key`
    throw new JournalFileError('wrong_journal_key', path, message)
  }
  return new JournalKey(path, bytes)
}

/** The key in a file, which is made with mode 0600 where there is none. */
export function createKey(path: string): JournalKey {
  const existing = readKey(path)
  if (existing !== undefined) return existing
  // Linked when it is whole, so that nobody reads a part of it; the first of several who make one wins.
  const draft = `${path}.${process.pid}-${randomBytes(6).toString('hex')}`
  try {
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeSync(file, randomBytes(KEY_BYTES))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    linkSync(draft, path)
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') {
      const message = `the key of a new journal cannot be written (${codeOf(cause)}): choose a folder that can be written`
      throw new JournalFileError('journal_read_only', path, message, { cause })
    }
  } finally {
    rmSync(draft, { force: true })
  }
  const key = readKey(path)
  if (key === undefined) throw new JournalFileError('no_journal_key', path, 'the key has vanished')
  return key
}
