import { type CharacterClass, characterClasses } from './characters.ts'
import type { PasswordKind } from './constraints.ts'
import { aspectsIn, classWish, type Preference, type PreferenceAspect } from './preference.ts'
import type { Quantity } from './request-quantities.ts'
import { kindIn, lengthsIn, readSaid, type Said, saysKind } from './request-said.ts'
import type { Wishes } from './request-wishes.ts'

/** What a request comes to with preferences that it says nothing against. */
export interface Wanted {
  /** What says what kind is made: the request, or a preference. */
  readonly kindOf: Said
  readonly quantities: readonly Quantity[]
  readonly wishes: Wishes
  readonly noRepeats: boolean
  /** The preferences that it has taken up, in their order. */
  readonly followed: readonly Preference[]
}

/**
 * Takes up preferences, of which the first of an aspect counts. What the request says itself wins, and
 * so does its kind: a length in characters is no length of a PIN.
 */
export function followPreferences(own: Said, preferences: readonly Preference[]): Wanted {
  const read = preferences.map((preference) => ({ preference, said: readSaid(preference.text) }))
  const ofForm = read.filter(({ preference }) => preference.about === 'form')
  const kindly = saysKind(own) ? undefined : ofForm.find(({ said }) => saysKind(said))
  const kindOf = kindly?.said ?? own
  const kind = kindIn(kindOf)
  const isLong = lengthsIn(own).length > 0
  const long = isLong ? undefined : ofForm.find(({ said }) => hasLength(said, kind))
  const merged = new Merged(own, kind)
  const followed = read.filter(
    (one) => one === kindly || one === long || merged.take(one.preference.about, one.said),
  )
  return {
    kindOf,
    quantities: [...(long === undefined ? [] : lengthsIn(long.said)), ...merged.quantities],
    wishes: merged.wishes,
    noRepeats: merged.noRepeats,
    followed: followed.map(({ preference }) => preference),
  }
}

function hasLength(said: Said, kind: PasswordKind): boolean {
  return lengthsIn(said).length > 0 && kindIn(said) === kind
}

/** The wishes of a request and of the preferences that were taken up so far. */
class Merged {
  wishes: Wishes
  quantities: readonly Quantity[]
  noRepeats: boolean
  readonly #kind: PasswordKind
  /** What something was said about. */
  readonly #said: Set<PreferenceAspect>

  constructor(own: Said, kind: PasswordKind) {
    this.wishes = own.wishes
    this.quantities = own.quantities.all
    this.noRepeats = own.noRepeats
    this.#kind = kind
    this.#said = new Set(aspectsIn(own))
  }

  /** Takes up what is said about an aspect; says whether there was something that can be. */
  take(about: PreferenceAspect, said: Said): boolean {
    if (this.#said.has(about)) return false
    const isTaken = this.#merge(about, said)
    if (isTaken) this.#said.add(about)
    return isTaken
  }

  #merge(about: PreferenceAspect, said: Said): boolean {
    const { wishes } = said
    switch (about) {
      case 'look-alikes':
        return this.#wish(wishes.excludeLookAlikes, { excludeLookAlikes: true })
      case 'excluded': {
        const wanted = this.wishes.mustContain.join('')
        const exclude = Array.from(wishes.exclude).filter((one) => !wanted.includes(one))
        return this.#wish(exclude.length > 0, { exclude: exclude.join('') })
      }
      case 'contained': {
        const unwanted = this.wishes.exclude
        const mustContain = wishes.mustContain.filter(
          (piece) => !Array.from(piece).some((one) => unwanted.includes(one)),
        )
        return this.#wish(mustContain.length > 0, { mustContain })
      }
      case 'repeats':
        if (!said.noRepeats || this.#kind === 'passphrase') return false
        this.noRepeats = true
        return true
      case 'count': {
        const items = said.quantities.all.filter(({ unit }) => unit === 'items')
        this.quantities = [...this.quantities, ...items]
        return items.length > 0
      }
      case 'form':
      case 'other':
        return false
      default:
        return this.#kind !== 'pin' && this.#class(about, classWish(said, about))
    }
  }

  #class(name: CharacterClass, wish: 'in' | 'out' | undefined): boolean {
    const { including, without } = this.wishes
    if (wish === 'in') return this.#wish(true, { including: new Set([...including, name]) })
    // Something must be left.
    const left = characterClasses.filter((one) => one !== name && !without.has(one))
    const isPossible = wish === 'out' && left.length > 0
    return this.#wish(isPossible, { without: new Set([...without, name]) })
  }

  #wish(isSaid: boolean, wishes: Partial<Wishes>): boolean {
    if (isSaid) this.wishes = { ...this.wishes, ...wishes }
    return isSaid
  }
}
