/** The signs that people write for a letter, by the letter. */
const signs: Readonly<Record<string, string>> = {
  a: '4@',
  b: '8',
  c: '(',
  e: '3',
  g: '69',
  i: '1!|',
  l: '1|!',
  o: '0',
  s: '5$',
  t: '7+',
  z: '2',
}

/**
 * A pattern that finds a word however it is disguised: in capitals or not, with signs for its letters
 * (`p4$$w0rd`), forwards or backwards. It has no flags but `i` and `u`.
 */
export function disguises(word: string): RegExp {
  const letters = Array.from(word.toLowerCase())
  const read = (order: readonly string[]) => order.map(anyOf).join('')
  return new RegExp(`${read(letters)}|${read(letters.toReversed())}`, 'iu')
}

function anyOf(letter: string): string {
  const all = [letter, ...(signs[letter] ?? '')].map(escaped)
  return all.length === 1 ? all.join('') : `[${all.join('')}]`
}

function escaped(character: string): string {
  return /[\p{L}\p{N}]/u.test(character)
    ? character
    : `\\u{${character.codePointAt(0)?.toString(16)}}`
}

/**
 * What a text may be read as when its signs are taken for letters, in small letters: a sign that
 * stands for several letters is taken for each of them, the same one everywhere.
 */
export function undisguised(text: string): readonly string[] {
  const lower = text.toLowerCase()
  const read = (choose: (letters: readonly string[]) => string | undefined) =>
    Array.from(lower, (one) => choose(lettersFor(one)) ?? one).join('')
  return [...new Set([lower, read((letters) => letters[0]), read((letters) => letters.at(-1))])]
}

function lettersFor(sign: string): readonly string[] {
  return Object.keys(signs).filter((letter) => signs[letter]?.includes(sign))
}
