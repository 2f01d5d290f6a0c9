import * as z from 'zod'
import type { PasswordKind } from './constraints.ts'
import { generalPurpose } from './request-purpose.ts'

/** What passwords are used for, as far as it changes how people should treat them. */
export const PurposeUse = z.enum([
  'wifi',
  'banking',
  'card',
  'email',
  'server',
  'device',
  'manager',
  'encryption',
  'account',
])
export type PurposeUse = z.infer<typeof PurposeUse>

/** The words of each use; where a text has words of several, the first use counts. */
const words: readonly (readonly [PurposeUse, RegExp])[] = [
  ['wifi', /\b(?:wi-?fi|wlan|wireless|wpa[23]?|router|hot ?spot|guest network|ssid)\b/i],
  [
    'manager',
    /\b(?:password (?:manager|vault|safe)|vault|master password|bitwarden|1password|keepass\w*|lastpass|dashlane)\b/i,
  ],
  [
    'encryption',
    /\b(?:encrypt\w*|disk|drive|backups?|veracrypt|luks|bitlocker|filevault|archives?|zip|usb|gpg|pgp|wallet|seed)\b/i,
  ],
  ['card', /\b(?:(?:bank|credit|debit|cash|sim|visa|ec)[ -]?cards?|cards?|atm|cash machine)\b/i],
  [
    'banking',
    /\b(?:bank\w*|paypal|broker\w*|trading|crypto\w*|credit union|finance|financial|payments?)\b/i,
  ],
  ['email', /\b(?:e-?mails?|mail ?box|gmail|outlook|mail|proton ?mail|inbox)\b/i],
  [
    'server',
    /\b(?:servers?|admin\w*|root|ssh|database|db|postgres\w*|mysql|mongo\w*|redis|production|deploy\w*|linux|vm|vps|cluster|kubernetes|service account|api)\b/i,
  ],
  [
    'device',
    /\b(?:phones?|iphone|android|tablet|ipad|laptop|computer|pc|windows|mac\w*|device|screen|unlock|alarm|door|safe|lock(?:er)?|keypad|garage)\b/i,
  ],
]

/** What is known of the purpose of a password. */
export interface PurposeReading {
  readonly use: PurposeUse
  /** In a few words. */
  readonly purpose: string
}

/**
 * Reads the use from what is said of the purpose, and where that says nothing from the whole request. A
 * PIN that is for nothing else unlocks a device, and that of a bank is one of a card.
 */
export function readUse(purpose: string, request: string, kind: PasswordKind): PurposeReading {
  const said = useIn(purpose)
  const found = said ?? useIn(request) ?? 'account'
  const use = kind === 'pin' ? (pinUses[found] ?? found) : found
  if (said !== undefined || found === 'account') return { use, purpose }
  return { use, purpose: purpose === generalPurpose ? titles[use] : `${titles[use]}, ${purpose}` }
}

const pinUses: Readonly<Partial<Record<PurposeUse, PurposeUse>>> = {
  banking: 'card',
  account: 'device',
}

const titles: Readonly<Record<PurposeUse, string>> = {
  wifi: 'Wi-Fi',
  banking: 'banking',
  card: 'a card',
  email: 'email',
  server: 'a server',
  device: 'a device',
  manager: 'a password manager',
  encryption: 'encryption',
  account: 'an account',
}

function useIn(text: string): PurposeUse | undefined {
  return words.find(([, pattern]) => pattern.test(text))?.[0]
}

/** What a use means for whoever has the password, as a sentence. */
export const useExplanations: Readonly<Record<PurposeUse, string>> = {
  wifi: 'It is typed once on each device, and guests may have it.',
  banking: 'It guards money, and criminals ask for it under many pretexts.',
  card: 'It is typed at machines where others can look on.',
  email: 'Whoever reads your mail can reset most of your other passwords.',
  server: 'More than one person may need it, and it opens what many depend on.',
  device: 'It is typed often, from memory, with others near.',
  manager: 'It opens all your other passwords, and nobody can reset it.',
  encryption: 'Without it the data is lost, and nobody can reset it.',
  account: 'It opens one account, and should open no other.',
}
