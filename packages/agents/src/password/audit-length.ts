import { type AuditSubject, type Finding, finding } from './audit-finding.ts'
import { countCharacters } from './characters.ts'

/** Fewest characters of a password beside a second factor, and of one that is the only factor. */
const least = { besideAnother: 8, alone: 15 }

/** Every service should accept as many. */
const accepted = 64

/** Holds a password's length and characters, and the use of a PIN, against the standards. */
export function auditLength(password: string, { kind }: AuditSubject): Finding[] {
  const count = countCharacters(password)
  if (kind === 'pin') return [pinLength(count), pinUse]
  return [passwordLength(count), ...maximumLength(count), characters(password)]
}

function passwordLength(count: number): Finding {
  if (count >= least.alone) {
    const detail = `${count} characters are enough also where the password is the only factor.`
    return finding('length', 'none', 'length', detail)
  }
  if (count >= least.besideAnother) {
    return finding(
      'length',
      'low',
      'length',
      `${count} characters are enough beside a second factor; as the only factor it needs ${least.alone}.`,
      `Turn on a second factor where there is one, or ask for at least ${least.alone} characters.`,
    )
  }
  return finding(
    'length',
    'high',
    'length',
    `${count} characters are too few even beside a second factor, which needs ${least.besideAnother}.`,
    `Make one of at least ${least.alone} characters.`,
  )
}

function maximumLength(count: number): Finding[] {
  if (count <= accepted) return []
  return [
    finding(
      'maximum length',
      'low',
      'maximumLength',
      `${count} characters are more than the ${accepted} that a service has to accept, and some cut the rest off.`,
      'Try to sign in without the last character: where that works, make a shorter one.',
    ),
  ]
}

function characters(password: string): Finding {
  if (/^[\x20-\x7e]*$/.test(password)) {
    const detail = 'All characters are printing ASCII, which every service should accept.'
    return finding('characters', 'none', 'characters', detail)
  }
  return finding(
    'characters',
    'low',
    'unicode',
    'It has characters beyond ASCII, which some devices cannot type or write differently.',
    'Sign in once from each device that you use.',
  )
}

function pinLength(count: number): Finding {
  if (count >= 6) {
    return finding(
      'length',
      'none',
      'pinLength',
      `${count} digits are as many as a PIN should have.`,
    )
  }
  if (count >= 4) {
    return finding(
      'length',
      'low',
      'pinLength',
      `${count} digits are allowed, but a PIN should have six.`,
      'Take six digits where the device allows it.',
    )
  }
  return finding(
    'length',
    'high',
    'pinLength',
    `${count} digits are fewer than the four that a PIN needs.`,
    'Make one of six digits.',
  )
}

const pinUse = finding(
  'use as a PIN',
  'low',
  'pinUse',
  'A PIN is fit only to unlock a device, a card or a key that allows at most 10 wrong tries; ' +
    'at a service, which may allow 100, it is too weak to be the only factor.',
  'Use it where wrong tries are limited, and a password or a passphrase everywhere else.',
)
