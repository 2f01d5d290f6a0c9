import * as z from 'zod'
import type { CharacterClass } from './characters.ts'
import { type Constraints, lengths, PasswordKind } from './constraints.ts'
import { separatorOf } from './passphrase.ts'
import { wantedClasses } from './plan-checks.ts'
import type { PurposeUse } from './purpose-use.ts'

const Advice = z.array(z.string().min(1).max(300)).min(1).max(4)

/** What the person who asked for a password reads about it. It never shows the password. */
export const GuidanceText = z.object({
  keep: Advice.describe('How to keep it: where, and where not'),
  type: Advice.describe('How to type it: look-alikes, keyboards, telephones'),
  say: Advice.describe('How to say it to somebody, if at all'),
})
export type GuidanceText = z.infer<typeof GuidanceText>

/** What is known of a password without seeing it. */
export const PasswordFacts = z.object({
  kind: PasswordKind,
  length: z.int(),
  unit: z.string(),
  classes: z.array(z.enum(['uppercase', 'lowercase', 'numbers', 'symbols'])),
  mayHaveLookAlikes: z.boolean(),
  separator: z.string().describe("Between the words of a passphrase; '' for none"),
  count: z.int(),
})
export type PasswordFacts = z.infer<typeof PasswordFacts>

/** What is known of passwords by how they were made. What they must contain is left out. */
export function factsOf(made: Constraints, count: number): PasswordFacts {
  const { kind, length, excludeLookAlikes } = made
  return {
    kind,
    length,
    unit: lengths[kind].unit,
    classes:
      kind === 'passphrase' ? ['lowercase', ...wantedClasses(made)] : [...wantedClasses(made)],
    mayHaveLookAlikes: kind === 'password' && !excludeLookAlikes,
    separator: kind === 'passphrase' ? separatorOf(made) : '',
    count,
  }
}

/** Writes guidance by rules and without a model, for a password of this use. */
export function writeGuidance(facts: PasswordFacts, use: PurposeUse): GuidanceText {
  return {
    keep: [...keeping[use], ...(facts.count > 1 ? [several] : [])],
    type: typing[facts.kind](facts, use),
    say: saying(facts, use),
  }
}

const several = 'Take one of them for each account, and throw away those that you do not use.'

const keeping: Readonly<Record<PurposeUse, readonly string[]>> = {
  wifi: [
    'Write it on a card beside the router: whoever is in the room may use the network anyway.',
    'Save it in your password manager too, or make a QR code of it for guests, so that nobody has to type it.',
  ],
  banking: [
    'Keep it in a password manager, and nowhere else: in no note, photo, e-mail or browser that others use.',
    'Turn on a second factor at the bank, and use this password for nothing else.',
  ],
  card: [
    'Learn it by heart, and keep it neither with the card nor as a contact in your telephone.',
    'A password manager may keep a copy; a note in the purse may not.',
  ],
  email: [
    'Keep it in a password manager, and use it for nothing else: other passwords are reset by mail.',
    'Turn on a second factor, and keep its recovery codes on paper.',
  ],
  server: [
    "Keep it in your team's password manager or vault: in no script, repository, ticket or chat.",
    'Sign in with keys from day to day, and change it when somebody leaves who knew it.',
  ],
  device: [
    'Learn it by heart; until then keep it on paper at home, apart from the device.',
    'Do not keep it on the device that it unlocks.',
  ],
  manager: [
    'Learn it by heart, and write it once on paper that lies locked away: nobody can reset it.',
    'Keep it in no file, and use it for nothing else.',
  ],
  encryption: [
    'Keep it in a password manager and once on paper, apart from the device: without it the data is lost.',
    'Open the data with it once before you rely on it.',
  ],
  account: [
    'Keep it in a password manager, which also fills it in; on paper at home it is safer than in a file.',
    'Use it for this account alone.',
  ],
}

/** Uses at a place where nothing can be pasted. */
const typedByHand: readonly PurposeUse[] = ['wifi', 'card', 'device', 'manager', 'encryption']

const typing: Readonly<Record<PasswordKind, (facts: PasswordFacts, use: PurposeUse) => string[]>> =
  {
    password({ length, classes, mayHaveLookAlikes }, use) {
      const has = (name: CharacterClass) => classes.includes(name)
      const byHand = typedByHand.includes(use)
      return [
        byHand
          ? `Let the field show its ${length} characters while you type, where nobody looks on, and type them in groups of four.`
          : `Let your password manager fill in its ${length} characters, or paste them, instead of typing.`,
        ...(mayHaveLookAlikes && (has('numbers') || (has('uppercase') && has('lowercase')))
          ? [
              'Mind what looks alike: O and 0, l, I and 1, S and 5. A font for code tells them apart.',
            ]
          : []),
        ...(has('symbols')
          ? [
              'Signs sit on other keys on other keyboards: check the layout first, above all where you start a computer or use a remote console.',
              'On a telephone signs and capitals hide behind further keys: type there as little as you can.',
            ]
          : has('uppercase')
            ? ['On a telephone watch that capitals are not set or corrected for you.']
            : []),
      ]
    },
    passphrase({ length, classes, separator }) {
      const capitals = classes.includes('uppercase') ? 'with their capitals' : 'in small letters'
      const between = separator === ' ' ? 'one space' : `a '${separator}'`
      return [
        `Type its ${length} words ${capitals}${separator === '' ? ', with nothing between them' : `, with ${between} between them`}.`,
        ...(classes.includes('numbers') ? ['One of the words has a digit at its end.'] : []),
        'On a telephone turn off what corrects and completes words: it would learn them.',
        ...(separator === '-' || separator === '_'
          ? [`Check where '${separator}' sits if the keyboard is not your own.`]
          : []),
      ]
    },
    pin({ length }) {
      return [
        `Cover the keypad with your other hand while you type the ${length} digits.`,
        'Stop when it was refused twice: after a few wrong tries the device or the card locks.',
      ]
    },
  }

function saying({ kind, classes, separator }: PasswordFacts, use: PurposeUse): string[] {
  if (kind === 'pin') {
    return ['Say it to nobody: no bank, shop, support or police needs it, whatever a caller says.']
  }
  const share: Readonly<Partial<Record<PurposeUse, string>>> = {
    wifi: 'Show guests the card or the QR code instead of saying it.',
    server: 'Share it through the vault instead of saying it, and never on a call or in a chat.',
    banking: 'Never say it to anyone: no bank asks for it, least of all one that calls you.',
    card: 'Never say it to anyone: no bank asks for it, least of all one that calls you.',
  }
  const first =
    share[use] ??
    'Do not say it to anyone who called you or wrote to you: nobody honest asks for it.'
  if (use === 'banking' || use === 'card') return [first]
  return [first, kind === 'passphrase' ? sayWords(separator) : sayCharacters(classes)]
}

function sayWords(separator: string): string {
  const names: Readonly<Record<string, string>> = {
    '-': 'hyphen',
    '.': 'dot',
    _: 'underscore',
    ' ': 'space',
  }
  const name = names[separator]
  const between = name === undefined ? '' : `, '${name}' between them`
  return `If you must, say word by word${between}, and spell each word that can be misheard.`
}

function sayCharacters(classes: PasswordFacts['classes']): string {
  const rules = [
    ...(classes.includes('uppercase') && classes.includes('lowercase')
      ? ["'capital' before each capital"]
      : []),
    ...(classes.includes('numbers') ? ["'digit' before each digit"] : []),
    ...(classes.includes('symbols') ? ['each sign by its name, such as hash or caret'] : []),
  ]
  const how = rules.length === 0 ? '' : `: ${rules.join(', ')}`
  return `If you must, spell it in private, character by character with a spelling alphabet${how}.`
}
