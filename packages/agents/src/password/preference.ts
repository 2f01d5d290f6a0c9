import * as z from 'zod'
import { type CharacterClass, characterClasses } from './characters.ts'
import { generalPurpose, readPurpose } from './request-purpose.ts'
import { kindIn, lengthsIn, readSaid, type Said, saysKind } from './request-said.ts'
import { readTokens } from './request-tokens.ts'

/** What a preference can be about: kind and length, a class of characters, and so on. */
export const PreferenceAspect = z.enum([
  'form',
  ...characterClasses,
  'look-alikes',
  'excluded',
  'contained',
  'repeats',
  'count',
  'other',
])
export type PreferenceAspect = z.infer<typeof PreferenceAspect>

/** A lasting wish of a person for passwords to come. */
export const Preference = z.strictObject({
  purpose: z
    .string()
    .max(80)
    .describe("What it is for, in a word or two: 'bank'; '' for passwords of any purpose"),
  about: PreferenceAspect.describe(
    'form: kind and length; else the class of characters that is wanted or not; look-alikes; ' +
      'excluded or contained: single characters or strings; repeats: no character twice; count: how ' +
      'many are made; else other',
  ),
  text: z.string().min(1).max(200).describe('The wish, in the words of the person'),
})
export type Preference = z.infer<typeof Preference>

const lasting =
  /\b(?:always|never(?! mind\b)|prefer(?:ably|red|s)?|from now on|from here on|in (?:the )?future|by default|every time|each time|whenever|henceforth|going forward)\b/i
/** 'It must never contain symbols' is said of one password. */
const ofThisOne = /^(?:and\s+|but\s+)?(?:it|its|this|that|the (?:password|passphrase|pin))\b/i
const mostText = 200

/** What a text says of the passwords to come, and what it asks for now. */
export interface Statements {
  /** The request; the whole text where it asks for nothing besides. */
  readonly request: string
  readonly preferences: readonly Preference[]
  /** Whether nothing is asked for besides. */
  readonly isPreferenceAlone: boolean
}

/** Tells the lasting wishes of a text from what it asks for now. A text of one sentence may be both. */
export function readStatements(text: string): Statements {
  const sentences = text
    .slice(0, 8_000)
    .split(/(?<=[.;!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence))
  const read = sentences.map((sentence) => ({ sentence, preferences: preferencesIn(sentence) }))
  const others = read.filter(({ preferences }) => preferences.length === 0)
  const preferences = read.flatMap((one) => one.preferences)
  const isMixed = others.length > 0 && preferences.length > 0
  return {
    request: isMixed ? others.map(({ sentence }) => sentence).join(' ') : text,
    preferences,
    isPreferenceAlone:
      others.length === 0 && !read.some(({ sentence }) => asksForOne.test(sentence)),
  }
}

const asksForOne =
  /\b(?:generate|create|make|give|suggest|produce|need)\b|^(?:please,?\s+)?(?:an?|another|one|two|three|\d+)\b/i

/** What a sentence says of the passwords to come, one preference for each aspect. */
function preferencesIn(sentence: string): readonly Preference[] {
  if (!lasting.test(sentence) || ofThisOne.test(sentence)) return []
  const text = sentence.replace(/[\s.;!?]+$/, '').slice(0, mostText)
  const said = readSaid(text)
  const { text: purpose } = readPurpose(readTokens(text.replace(lasting, ' ')))
  return aspectsIn(said).map((about) => ({
    purpose: purpose === generalPurpose ? '' : purpose,
    about,
    text,
  }))
}

/** What a text says something about. */
export function aspectsIn(said: Said): readonly PreferenceAspect[] {
  const { wishes, noRepeats } = said
  return [
    ...(saysKind(said) || lengthsIn(said).length > 0 ? (['form'] as const) : []),
    ...(kindIn(said) === 'pin'
      ? []
      : characterClasses.filter((name) => classWish(said, name) !== undefined)),
    ...(wishes.excludeLookAlikes ? (['look-alikes'] as const) : []),
    ...(wishes.exclude === '' ? [] : (['excluded'] as const)),
    ...(wishes.mustContain.length === 0 ? [] : (['contained'] as const)),
    ...(noRepeats ? (['repeats'] as const) : []),
    ...(saysCount(said) ? (['count'] as const) : []),
  ]
}

function saysCount({ quantities, tokens }: Said): boolean {
  const text = tokens.map((token) => token.text).join(' ')
  const isOne = /\b(?:one|1|single) (?:\S+ )?(?:password|passphrase|pin)\b/.test(text)
  return isOne || quantities.all.some(({ unit }) => unit === 'items')
}

/** Whether a class of characters is wanted or not; `undefined` where nothing is said of it. */
export function classWish({ wishes }: Said, name: CharacterClass): 'in' | 'out' | undefined {
  const { only, without, including } = wishes
  if (including.has(name)) return 'in'
  if (without.has(name) || (only.size > 0 && !only.has(name))) return 'out'
  return undefined
}

const general =
  /^(?:accounts?|apps?|applications?|websites?|sites?|pages?|logins?|passwords?|passphrases?|pins?|online|my|the|new|old)$/

/** Whether a preference is for what a text is about: it has no purpose, or a word of it is there. */
export function concerns({ purpose }: Pick<Preference, 'purpose'>, text: string): boolean {
  if (purpose === '') return true
  const own = wordsOf(purpose)
  const telling = own.filter((word) => !general.test(word))
  const there = wordsOf(text)
  return (telling.length > 0 ? telling : own).some((word) =>
    there.some((other) => isSameWord(word, other)),
  )
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

/** 'bank' and 'banking', 'router' and 'routers'. */
function isSameWord(a: string, b: string): boolean {
  const [shorter = '', longer = ''] = [a, b].sort((one, other) => one.length - other.length)
  return a === b || (shorter.length >= 4 && longer.startsWith(shorter))
}
