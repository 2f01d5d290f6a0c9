import { type CharacterClass, characterClasses, characters } from './characters.ts'
import {
  directiveAt,
  isAdjective,
  saidBehind,
  sparedBehind,
  spelledBehind,
} from './request-directives.ts'
import type { Item } from './request-items.ts'
import { empty, type List, type Mode, readList } from './request-lists.ts'
import type { Token } from './request-tokens.ts'

/** What a request says about the characters, contradictions and all. */
export interface Wishes {
  /** The classes that it names as the only ones; empty for no such limit. */
  readonly only: ReadonlySet<CharacterClass>
  readonly without: ReadonlySet<CharacterClass>
  readonly including: ReadonlySet<CharacterClass>
  readonly excludeLookAlikes: boolean
  readonly exclude: string
  readonly mustContain: readonly string[]
  /** The indices of the tokens that say so. */
  readonly used: ReadonlySet<number>
  /** The indices of the tokens that are characters themselves and so count nothing. */
  readonly literal: ReadonlySet<number>
}

/** Reads a request's wishes about characters in one pass; each directive takes the list behind it. */
export function readWishes(tokens: readonly Token[]): Wishes {
  const wishes = new Collected()
  let last: List = empty
  for (let at = 0; at < tokens.length; ) {
    const directive = directiveAt(tokens, at)
    const list = directive === undefined ? empty : readList(tokens, directive.next, directive.mode)
    if (directive !== undefined && list.items.length > 0) {
      const said = saidBehind(tokens, list.end)
      const mode =
        said.mode === 'without' && directive.mode === 'including' ? 'without' : directive.mode
      const spelled = mode === 'without' ? empty : spelledBehind(tokens, list)
      const spared = mode === 'without' ? sparedBehind(tokens, list.end) : empty
      const whole = spelled.items.length > 0 && mode === 'only'
      if (!whole) wishes.take(mode, list)
      wishes.take('only', spelled)
      wishes.spare(spared)
      last = mode === 'without' ? empty : list
      const end = Math.max(list.end, spelled.end, spared.end)
      // Nothing keeps a word out.
      const words = list.items.every((item) => item.isWord && item.characters === '')
      if (mode !== 'without' || !words) wishes.use(at, mode === directive.mode ? end : said.end)
      at = end
      continue
    }
    if (/^(?:only|alone|exclusively|solely)$/.test(tokens[at]?.text ?? '') && last.end === at) {
      wishes.take('only', last)
      wishes.use(at, at + 1)
      last = empty
      at += 1
      continue
    }
    const plain = readList(tokens, at, 'plain')
    if (plain.items.length === 0) {
      at += 1
      continue
    }
    last = plain
    at = wishes.takePlain(tokens, at, plain)
  }
  return wishes.finish(tokens)
}

/** Wishes as they come in. */
class Collected {
  readonly #classes = {
    without: new Set<CharacterClass>(),
    only: new Set<CharacterClass>(),
    including: new Set<CharacterClass>(),
  }
  readonly #exclude = new Set<string>()
  readonly #mustContain = new Set<string>()
  /** Characters that are allowed by name: of their classes only they are. */
  readonly #spared = new Set<string>()
  readonly #used = new Set<number>()
  readonly #literal = new Set<number>()
  #lookAlikes: 'out' | 'in' | 'unsaid' = 'unsaid'

  use(from: number, end: number): void {
    for (let at = from; at < end; at += 1) this.#used.add(at)
  }

  /** Takes a list that stands alone, by the words behind it, and gives where to read on. */
  takePlain(tokens: readonly Token[], at: number, list: List): number {
    const spelled = spelledBehind(tokens, list)
    if (spelled.items.length > 0) {
      this.take('only', spelled)
      this.use(at, spelled.end)
      return spelled.end
    }
    const said = saidBehind(tokens, list.end)
    const mode = said.mode === 'plain' && isAdjective(tokens, at, list) ? 'only' : said.mode
    if (mode === 'plain') return list.end
    this.take(mode, list)
    this.use(at, said.end)
    return said.end
  }

  take(mode: Mode, list: List): void {
    if (mode === 'plain') return
    const characterLike = list.items.every((item) => item.characters !== '' || item.piece !== '')
    const items =
      list.oneOf && mode === 'including' && characterLike ? list.items.slice(0, 1) : list.items
    for (const item of items) {
      for (const name of item.classes) this.#classes[mode].add(name)
      if (mode === 'without') this.#leaveOut(item)
      else if (mode === 'only') this.#limitTo(item)
      else this.#contain(item, list.oneOf)
    }
    for (const item of list.items) {
      if (item.classes.length > 0) continue
      for (let at = list.start; at < item.end; at += 1) this.#literal.add(at)
    }
  }

  spare(list: List): void {
    for (const item of list.items) for (const one of item.characters) this.#spared.add(one)
    for (let at = list.start; at < list.end; at += 1) this.#literal.add(at)
  }

  #leaveOut(item: Item): void {
    if (item.lookAlikes && this.#lookAlikes === 'unsaid') this.#lookAlikes = 'out'
    const singles = item.characters || (item.isWord ? '' : item.piece)
    for (const one of singles) this.#exclude.add(one)
  }

  #limitTo(item: Item): void {
    for (const one of item.characters) {
      this.#spared.add(one)
      const name = characterClasses.find((some) => characters[some].includes(one))
      if (name !== undefined && name !== 'symbols') this.#classes.only.add(name)
    }
  }

  #contain(item: Item, oneOf: boolean): void {
    if (item.lookAlikes) this.#lookAlikes = 'in'
    if (item.piece !== '') this.#mustContain.add(item.piece)
    else {
      const wanted = oneOf ? Array.from(item.characters).slice(0, 1) : item.characters
      for (const one of wanted) this.#mustContain.add(one)
    }
  }

  finish(tokens: readonly Token[]): Wishes {
    const { only, without, including } = this.#classes
    const spared = Array.from(this.#spared)
    for (const name of characterClasses) {
      if (!spared.some((one) => characters[name].includes(one))) continue
      // Some are allowed by name: the class is wanted, all others of it are not.
      if (only.size > 0) only.add(name)
      without.delete(name)
      for (const one of characters[name]) if (!this.#spared.has(one)) this.#exclude.add(one)
    }
    const readable = this.#lookAlikes === 'unsaid' && saysReadable(tokens)
    return {
      only,
      without,
      including,
      excludeLookAlikes: this.#lookAlikes === 'out' || readable,
      exclude: Array.from(this.#exclude).join(''),
      mustContain: Array.from(this.#mustContain),
      used: this.#used,
      literal: this.#literal,
    }
  }
}

/** 'characters that look alike', 'easy to read': the same wish in other words. */
function saysReadable(tokens: readonly Token[]): boolean {
  const text = tokens.map((token) => token.text).join(' ')
  if (/\b(?:allow|keep|with) (?:look ?alikes?|ambiguous)\b/.test(text)) return false
  return /\b(?:look(?:s|ing)? (?:alike|similar|the same)|(?:get|easily|be|are|is) (?:easily )?(?:confused|mistaken|mixed up)|unambiguous|easy to (?:read|tell apart|distinguish|copy|dictate|write down|transcribe)|easily readable|readable|legible|hard to (?:distinguish|tell apart))\b/.test(
    text,
  )
}
