import type { Token } from './request-tokens.ts'

const units = `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
  fifteen sixteen seventeen eighteen nineteen`.split(/\s+/)
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

const amounts = new Map([
  ['couple', 2],
  ['pair', 2],
  ['few', 3],
  ['several', 3],
  ['dozen', 12],
  ['hundred', 100],
])

/** The value of a number word up to ninety, of 'dozen', 'hundred', 'couple', 'few' and the like. */
export function numberWord(word: string): number | undefined {
  if (units.includes(word)) return units.indexOf(word)
  if (tens.includes(word)) return (tens.indexOf(word) + 2) * 10
  return amounts.get(word)
}

/** 'twenty four' is 24, 'half a dozen' 6, 'two dozen' 24, 'a hundred and twenty eight' 128. */
export function joinNumbers(tokens: readonly Token[]): Token[] {
  const joined: Token[] = []
  for (const token of tokens) {
    if (token.kind !== 'number' || /^\d/.test(token.raw)) {
      joined.push(token)
      continue
    }
    if (token.text === 'dozen' && dropHalf(joined)) {
      joined.push({ ...token, value: 6 })
      continue
    }
    const and = joined.at(-1)?.text === 'and'
    const before = joined.at(and ? -2 : -1)
    if (before?.kind !== 'number') joined.push(token)
    else if (!and && (token.text === 'dozen' || token.text === 'hundred')) {
      joined.splice(-1, 1, { ...before, value: before.value * token.value })
    } else if (!/^\d/.test(before.raw) && hasRoom(before.value, token.value, and)) {
      joined.splice(and ? -2 : -1, 2, { ...before, value: before.value + token.value })
    } else joined.push(token)
  }
  return joined
}

/** Drops a 'half' or 'half a' at the end. */
function dropHalf(tokens: Token[]): boolean {
  const article = tokens.at(-1)?.text === 'a'
  if (tokens.at(article ? -2 : -1)?.text !== 'half') return false
  tokens.splice(article ? -2 : -1)
  return true
}

function hasRoom(value: number, added: number, and: boolean): boolean {
  if (value >= 100 && value % 100 === 0) return added < 100
  return !and && value % 100 >= 20 && value % 10 === 0 && added < 10
}
