import type { FaultWords } from './faults.ts'

interface Reading {
  readonly codes: RegExp
  readonly problem: string
  readonly nextStep: string
  /** It fails the same way however often it is tried. */
  readonly isLasting?: true
}

// By the codes that Node and undici give; the first match counts.
const readings: readonly Reading[] = [
  {
    codes: /^ECONNREFUSED$/,
    problem: 'cannot be reached: nothing listens there',
    nextStep: 'check that the endpoint runs, and the port in the base URL',
  },
  {
    codes: /^(ENOTFOUND|EAI_\w+)$/,
    problem: 'cannot be reached: its host name has no address',
    nextStep: 'check the host in the base URL, and the network',
  },
  {
    codes: /^(ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_)|SELF_SIGNED_CERT|^EPROTO$/,
    problem: 'cannot be reached: TLS failed',
    nextStep: "check 'https' against 'http' in the base URL, and NODE_EXTRA_CA_CERTS",
    isLasting: true,
  },
  {
    codes: /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/,
    problem: 'cannot be reached: the connection took too long',
    nextStep: 'check the host and port in the base URL, and the network',
  },
  {
    codes: /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/,
    problem: 'sent nothing for longer than fetch waits, which is 5 minutes',
    nextStep: 'try again, or let the endpoint stream its answers',
  },
  {
    codes: /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/,
    problem: 'broke the connection off before its answer was whole',
    // What listens for TLS mostly drops a request without it.
    nextStep:
      "try again; if it stays so, check 'http' against 'https' in the base URL, and the endpoint",
  },
]

// Without a code: undici's words for a port that the fetch standard blocks.
const badPort: Omit<Reading, 'codes'> = {
  problem: 'cannot be reached: fetch refuses its port',
  nextStep: 'let the endpoint listen at another port, and name that in the base URL',
  isLasting: true,
}

const unknownReading: Omit<Reading, 'codes'> = {
  problem: 'cannot be reached',
  nextStep: 'check the base URL, and the network',
}

/** Puts a failed connection into words. */
export function connectionWords(cause: unknown, redact: (text: string) => string): FaultWords {
  const { problem, nextStep } = readingOf(cause)
  const why = systemCodes(cause)[0] ?? redact(lastWords(cause) ?? 'no reason given')
  return { code: 'model_unreachable', problem: `${problem} (${why})`, nextStep }
}

/** Whether a connection fails the same way however often it is tried. */
export function isLasting(cause: unknown): boolean {
  return readingOf(cause).isLasting ?? false
}

/**
 * An error that says what `cause` and its causes say, and holds nothing else: the client's own errors
 * hold headers and bodies, hence the API key where an endpoint echoes it.
 */
export function cleanCause(cause: unknown, redact: (text: string) => string): Error | undefined {
  const messages = chainOf(cause)
    .map((error) => error.message)
    .filter((message) => message !== '')
  return messages.length > 0 ? new Error(redact(messages.join(': '))) : undefined
}

function readingOf(cause: unknown): Omit<Reading, 'codes'> {
  const codes = systemCodes(cause)
  return (
    readings.find((reading) => codes.some((code) => reading.codes.test(code))) ??
    (lastWords(cause) === 'bad port' ? badPort : unknownReading)
  )
}

function lastWords(cause: unknown): string | undefined {
  return chainOf(cause).at(-1)?.message
}

function systemCodes(cause: unknown): string[] {
  return chainOf(cause).flatMap((error) =>
    'code' in error && typeof error.code === 'string' ? [error.code] : [],
  )
}

// Outermost first. A host with several addresses fails with an AggregateError.
function chainOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return []
  const parts = error instanceof AggregateError ? error.errors.flatMap(chainOf) : []
  return [error, ...parts, ...chainOf(error.cause)]
}
