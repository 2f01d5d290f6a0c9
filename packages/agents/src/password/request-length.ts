import { lengths, type PasswordKind } from './constraints.ts'
import { maxCount } from './plan.ts'
import type { Quantity } from './request-quantities.ts'

const units: Readonly<Record<PasswordKind, readonly Quantity['unit'][]>> = {
  password: ['characters', 'digits', 'length'],
  passphrase: ['words', 'length'],
  pin: ['digits', 'characters', 'length'],
}

/** The length in the kind's own unit; of several exact ones the greatest. */
export function readLength(
  kind: PasswordKind,
  quantities: readonly Quantity[],
  notes: string[],
): number {
  const { default: usual, max } = lengths[kind]
  const fitting = quantities.filter(
    (one) =>
      units[kind].includes(one.unit) &&
      (one.unit !== 'length' || one.kind === undefined || one.kind === kind),
  )
  const values = (bound: Quantity['bound']): number[] =>
    fitting.filter((one) => one.bound === bound).map((one) => one.value)
  const exact = values('exactly')
  if (exact.length > 0) return Math.max(...exact)
  const characters = quantities.find((one) => one.unit === 'characters')
  if (kind === 'passphrase' && fitting.length === 0 && characters !== undefined) {
    return wordsFor(characters, notes)
  }
  const least = Math.max(0, ...values('atLeast'))
  const most = Math.min(Number.POSITIVE_INFINITY, ...values('atMost'))
  if (least > most) return least
  const length = Math.min(most, Math.max(least, usual))
  if (least > 0 && least < length && length <= max) {
    notes.push(`at least ${least} were asked for`)
  }
  if (most < Number.POSITIVE_INFINITY && length < most) notes.push(`at most ${most} are allowed`)
  return length
}

/** The words of a passphrase of so many characters; a word has 3 to 9 and a separator. */
function wordsFor({ value, bound }: Quantity, notes: string[]): number {
  const { min, max, default: usual } = lengths.passphrase
  if (bound === 'exactly') {
    notes.push('a passphrase is measured in words, about eight characters each')
    return Math.ceil(value / 8)
  }
  if (bound === 'atLeast') {
    const count = Math.min(max, Math.max(usual, Math.ceil((value + 1) / 4)))
    notes.push(`${count} words have at least ${count * 4 - 1} characters`)
    return count
  }
  const count = Math.max(min, Math.min(usual, Math.floor((value + 1) / 10)))
  notes.push(`${count} words have at most ${count * 10 - 1} characters`)
  return count
}

/** How many to make. */
export function readCount(quantities: readonly Quantity[], notes: string[]): number {
  const asked = quantities.find((one) => one.unit === 'items')?.value ?? 1
  const count = Math.min(maxCount, Math.max(1, asked))
  if (count !== asked) {
    const shown = Number.isSafeInteger(asked) ? asked : 'very many'
    notes.push(`${shown} were asked for, ${count} can be made`)
  }
  return count
}
