import type { Environment } from '../configuration.ts'
import { UsageError } from '../errors.ts'
import { EXIT } from '../exit-status.ts'
import type { Interruption } from '../interruption.ts'

/** The terminal that a passphrase is typed at. */
export interface PassphraseInput {
  readonly isTTY?: boolean
  setRawMode(isRaw: boolean): unknown
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown
  off(event: 'data', listener: (bytes: Uint8Array) => void): unknown
  resume(): unknown
  pause(): unknown
}

/** What asking for a passphrase takes. */
export interface PassphraseSettings {
  readonly env: Environment
  readonly interruption: Pick<Interruption, 'signal' | 'stop'>
  /** Default: the process's standard input. */
  readonly input?: PassphraseInput
  /** Writes to the terminal, without a line break. Default: to standard error. */
  readonly write?: (text: string) => void
}

/** A passphrase to seal with, which is asked for twice. */
export async function newPassphrase(settings: PassphraseSettings): Promise<string> {
  const given = configured(settings.env)
  if (given !== undefined) return given
  const typed = await ask('Passphrase for the secrets: ', settings)
  if (typed === '') throw new UsageError('the passphrase is empty: type one that nobody guesses')
  if ((await ask('The same again: ', settings)) === typed) return typed
  throw new UsageError('that was another passphrase than before: try again')
}

/** The passphrase that something was sealed with. */
export async function givenPassphrase(settings: PassphraseSettings): Promise<string> {
  return configured(settings.env) ?? (await ask('Passphrase of the secrets: ', settings))
}

function configured({ NANOAGENT_PASSPHRASE: text }: Environment): string | undefined {
  return text === undefined || text === '' ? undefined : text
}

async function ask(question: string, settings: PassphraseSettings): Promise<string> {
  const {
    interruption,
    input = process.stdin,
    write = (text) => process.stderr.write(text),
  } = settings
  if (input.isTTY !== true) {
    throw new UsageError(
      'a passphrase is needed, and nobody can type one here: set NANOAGENT_PASSPHRASE',
    )
  }
  write(question)
  input.setRawMode(true)
  input.resume()
  try {
    return await typedLine(input, interruption)
  } finally {
    input.setRawMode(false)
    input.pause()
    write('\n')
  }
}

/** What is typed up to the end of the line; shown nowhere. */
function typedLine(
  input: PassphraseInput,
  { signal, stop }: PassphraseSettings['interruption'],
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let typed: string[] = []
  const onData = (bytes: Uint8Array) => {
    for (const character of decoder.decode(bytes, { stream: true })) {
      if (character === '\r' || character === '\n' || character === CTRL_D) resolve(typed.join(''))
      else if (character === CTRL_C) stop(EXIT.interrupted, 'interrupted')
      else if (character === CTRL_U) typed = []
      else if (character === '\b' || character === DELETE) typed.pop()
      else typed.push(character)
    }
  }
  const decoder = new TextDecoder()
  const onAbort = () => reject(signal.reason)
  input.on('data', onData)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  return promise.finally(() => {
    input.off('data', onData)
    signal.removeEventListener('abort', onAbort)
  })
}

// In raw mode these are characters like any other.
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const CTRL_U = '\u0015'
const DELETE = '\u007f'
