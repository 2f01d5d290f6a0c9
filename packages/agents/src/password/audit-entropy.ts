import { type AuditSubject, type Finding, finding, type Severity } from './audit-finding.ts'
import type { Constraints, PasswordKind } from './constraints.ts'
import { type Entropy, generatedEntropy } from './entropy.ts'
import { estimateGuesses } from './guesses.ts'
import { personalWords } from './personal-words.ts'
import { loadWords } from './words.ts'

/**
 * The fewest bits of what may be guessed as fast as machines can, 10,000 million a second: 40 bits last
 * two minutes, 64 some thirty years. A PIN needs no more than a thousand possibilities: its tries are
 * limited.
 */
const bounds = {
  password: { fewest: 40, enough: 64 },
  passphrase: { fewest: 40, enough: 64 },
  pin: { fewest: Math.log2(1_000), enough: Math.log2(1_000) },
} as const satisfies Readonly<Record<PasswordKind, { fewest: number; enough: number }>>

/** As many guesses as eight characters at random need by the estimate: fewer, and chance was unkind. */
const fewestGuesses = 26

/**
 * Measures the entropy by how the password was generated, and of a password the guesses that it takes
 * an attacker who begins with words and patterns: whichever is worse decides.
 */
export async function auditEntropy(password: string, subject: AuditSubject): Promise<Finding[]> {
  const { kind, made, request } = subject
  const { bits, drawn } = await entropyOf(made)
  const { fewest, enough } = bounds[kind]
  const said = `About ${Math.floor(bits)} bits by how it was made (${drawn})`
  const severity = bits < fewest ? 'medium' : bits < enough ? 'low' : 'none'
  if (kind === 'pin') return [entropy(severity, `${said}, which need limits on tries.`, more.pin)]
  const guesses = await estimateGuesses(password, personalWords(request))
  const detail = `${said}; who tries words and patterns first needs some 2^${Math.floor(guesses.bits)} guesses.`
  if (guesses.bits < fewestGuesses)
    return [entropy('medium', detail, 'Make another one, at random.')]
  return [entropy(severity, detail, more[kind])]
}

/** Whether what is made like that can pass, whatever chance makes of it. */
export async function hasEnoughEntropy(made: Constraints): Promise<boolean> {
  const { bits } = await entropyOf(made)
  return bits >= bounds[made.kind].fewest
}

async function entropyOf(made: Constraints): Promise<Entropy> {
  return generatedEntropy(made, made.kind === 'passphrase' ? await loadWords() : [])
}

function entropy(severity: Severity, detail: string, advice: string): Finding {
  return finding('entropy', severity, 'entropy', detail, severity === 'none' ? undefined : advice)
}

const more: Readonly<Record<PasswordKind, string>> = {
  password: 'Ask for more characters, or for more classes of them.',
  passphrase: 'Ask for more words: six are about 77 bits.',
  pin: 'Leave more digits to chance.',
}
