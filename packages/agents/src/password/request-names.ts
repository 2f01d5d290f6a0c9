import type { CharacterClass } from './characters.ts'

const letters: readonly CharacterClass[] = ['uppercase', 'lowercase']

/** Names of characters. Longer names first: 'exclamation mark' before 'exclamation'. */
export const characterNames: readonly (readonly [RegExp, string])[] = [
  [/^dollars?(?: signs?| symbols?)?\b/, '$'],
  [/^at (?:signs?|symbols?)\b/, '@'],
  [
    /^(?:hash(?:tags?| signs?| marks?| symbols?|es)?|pound signs?|number signs?|octothorpes?)\b/,
    '#',
  ],
  [/^under ?scores?\b/, '_'],
  [/^(?:dash(?:es)?|hyphens?|minus signs?)\b/, '-'],
  [/^percent(?:age)?s?(?: signs?| symbols?)?\b/, '%'],
  [/^ampersands?\b/, '&'],
  [/^(?:asterisks?|stars?|star signs?)\b/, '*'],
  [/^exclamations?(?: marks?| points?| signs?)?\b/, '!'],
  [/^question marks?\b/, '?'],
  [/^plus signs?\b/, '+'],
  [/^equals? signs?\b/, '='],
  [/^(?:full stops?|periods?|dots?)\b/, '.'],
  [/^commas?\b/, ','],
  [/^semi ?colons?\b/, ';'],
  [/^colons?\b/, ':'],
  [/^(?:back slash(?:es)?|backslash(?:es)?)\b/, '\\'],
  [/^(?:forward )?slash(?:es)?\b/, '/'],
  [/^(?:pipes?|vertical bars?)\b/, '|'],
  [/^tildes?\b/, '~'],
  [/^(?:carets?|circumflex(?:es)?)\b/, '^'],
  [/^square brackets?\b/, '[]'],
  [/^(?:curly brackets?|curly braces?|braces?)\b/, '{}'],
  [/^angle brackets?\b/, '<>'],
  [/^(?:round brackets?|parenthes[ei]s|parens?)\b/, '()'],
  [/^brackets?\b/, '()[]{}<>'],
  [/^less than (?:signs?|symbols?)\b/, '<'],
  [/^greater than (?:signs?|symbols?)\b/, '>'],
  [/^(?:double quotes?|double quotation marks?)\b/, '"'],
  [/^(?:single quotes?|apostrophes?)\b/, "'"],
  [/^(?:back ?ticks?|back ?quotes?)\b/, '`'],
  [/^(?:quotes?|quotation marks?)\b/, '"\'`'],
  [/^vowels\b/, 'aeiouAEIOU'],
  [/^(?:white ?spaces?|spaces?|blanks?)\b/, ' '],
  [/^(?:zeros|zeroes|noughts)\b/, '0'],
  [/^ones\b/, '1'],
  [/^twos\b/, '2'],
  [/^threes\b/, '3'],
  [/^fours\b/, '4'],
  [/^fives\b/, '5'],
  [/^sixes\b/, '6'],
  [/^sevens\b/, '7'],
  [/^eights\b/, '8'],
  [/^nines\b/, '9'],
]

/** Names of classes of characters. */
export const classNames: readonly (readonly [RegExp, readonly CharacterClass[]])[] = [
  [/^(?:special|non alphanumeric)s?(?: (?:chars?|characters?|symbols?|signs?))?\b/, ['symbols']],
  [/^(?:symbols?|punctuation)(?: (?:chars?|characters?|marks?|signs?))?\b/, ['symbols']],
  [
    /^(?:upper case|uppercase|upper|capitals?|caps|capitalized|capitalised)(?: (?:letters?|chars?|characters?|ones))?\b/,
    ['uppercase'],
  ],
  [
    /^(?:lower case|lowercase|lower|small (?=letters?))(?: ?(?:letters?|chars?|characters?|ones))?\b/,
    ['lowercase'],
  ],
  [
    /^(?:alphanumerics?|alphanumericals?|alpha numerics?|alpha numericals?)(?: (?:chars?|characters?))?\b/,
    [...letters, 'numbers'],
  ],
  [/^(?:numbers?|numerals?|digits?|numerics?)(?: (?:chars?|characters?|digits?))?\b/, ['numbers']],
  [
    /^(?:mixed case|letters?|alphabetic(?:al)?|alphabets?|alpha)(?: (?:letters?|chars?|characters?))?\b/,
    letters,
  ],
]

/** Names of characters that are taken for each other. */
export const lookAlikeName =
  /^(?:(?:visually )?(?:look alikes?|look alike|lookalikes?|ambiguous|ambiguity|confusing|confusable|similar looking|similar(?= (?:chars?|characters?|letters?|symbols?))|easily confused)(?: (?:chars?|characters?|letters?|symbols?|ones))?)\b/
