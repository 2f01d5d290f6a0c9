import { type CharacterClass, characters } from './characters.ts'
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
}

/** Reads a request's wishes about characters in one pass; each directive takes the list behind it. */
export function readWishes(tokens: readonly Token[]): Wishes {
  const only = new Set<CharacterClass>()
  const without = new Set<CharacterClass>()
  const including = new Set<CharacterClass>()
  const exclude = new Set<string>()
  const mustContain = new Set<string>()
  const symbols = new Set<string>()
  let excludeLookAlikes = saysReadable(tokens)
  let last: List = empty

  const apply = (mode: Mode, list: List): void => {
    const target = { without, only, including }[mode]
    for (const item of list.items) {
      for (const name of item.classes) target.add(name)
      if (mode === 'without') {
        if (item.lookAlikes) excludeLookAlikes = true
        const singles = item.characters || (isWord(item.piece) ? '' : item.piece)
        for (const one of singles) if (!/\s/.test(one)) exclude.add(one)
      } else if (mode === 'only') {
        for (const one of item.characters) symbols.add(one)
      } else {
        if (item.piece !== '') mustContain.add(item.piece)
        else for (const one of item.characters) mustContain.add(one)
      }
    }
  }

  for (let at = 0; at < tokens.length; ) {
    const directive = directiveAt(tokens, at)
    const list = directive === undefined ? empty : readList(tokens, directive.next, directive.mode)
    if (directive !== undefined && list.items.length > 0) {
      const forbidden = directive.mode === 'including' && forbiddenBehind(tokens, list.end)
      apply(forbidden ? 'without' : directive.mode, list)
      at = list.end
      last = directive.mode === 'without' ? empty : list
      const spared = directive.mode === 'without' ? sparedBehind(tokens, at) : empty
      if (spared.items.length > 0) {
        for (const item of spared.items) for (const one of item.characters) symbols.add(one)
        at = spared.end
      }
      continue
    }
    if (/^(?:only|alone|exclusively|solely)$/.test(tokens[at]?.text ?? '') && last.end === at) {
      apply('only', last)
      last = empty
      at += 1
      continue
    }
    const plain = readList(tokens, at, 'only', false)
    if (plain.items.length === 0) {
      at += 1
      continue
    }
    if (forbiddenBehind(tokens, plain.end)) apply('without', plain)
    else if (isAdjective(tokens, at, plain)) apply('only', plain)
    last = plain
    at = plain.end
  }
  if (symbols.size > 0) {
    // Some symbols are allowed by name: the class is wanted, all others of it are not.
    if (only.size > 0) only.add('symbols')
    without.delete('symbols')
    for (const one of characters.symbols) if (!symbols.has(one)) exclude.add(one)
  }
  return {
    only,
    without,
    including,
    excludeLookAlikes,
    exclude: Array.from(exclude).join(''),
    mustContain: Array.from(mustContain),
  }
}

interface Directive {
  readonly mode: Mode
  /** Where its list may start. */
  readonly next: number
}

const includes =
  /^(?:contain|contains|containing|include|includes|including|with|have|has|having|need|needs|require|requires|requiring|add|adding|featuring|plus|use|using)$/

function directiveAt(tokens: readonly Token[], at: number): Directive | undefined {
  const token = tokens[at]
  if (token === undefined) return undefined
  const [word, next, before] = [token.text, tokens[at + 1]?.text ?? '', tokens[at - 1]?.text ?? '']
  if (token.kind === 'number') {
    return token.value === 0 ? { mode: 'without', next: at + 1 } : undefined
  }
  if (token.kind !== 'word') return undefined
  if (word === 'w' && next === 'o') return { mode: 'without', next: at + 2 }
  if (word === 'free' && next === 'of') return { mode: 'without', next: at + 2 }
  if (word === 'leave' && next === 'out') return { mode: 'without', next: at + 2 }
  if (word === 'nothing' && next === 'but') return { mode: 'only', next: at + 2 }
  if (/^(?:not|no|never)$/.test(word)) {
    const bounds = /^(?:only|just|necessarily|more|less|longer|shorter|fewer|at|exceed)$/
    return bounds.test(next) ? undefined : { mode: 'without', next: at + 1 }
  }
  if (
    /^(?:without|excluding|exclude|excludes|avoid|avoiding|avoids|omit|omitting|skip|sans|except|lacking|forbid|forbids|forbidding|drop|remove|minus)$/.test(
      word,
    )
  ) {
    return /^signs?$/.test(next) ? undefined : { mode: 'without', next: at + 1 }
  }
  if (/^(?:only|just|solely|exclusively|purely|all)$/.test(word)) {
    return { mode: 'only', next: at + 1 }
  }
  if (word === 'of' || word === 'from') {
    const made =
      /^(?:made|consisting|consists|consist|composed|comprised|up|passwords?|string|built|drawn|chars?|characters?|out)$/
    return made.test(before) ? { mode: 'only', next: at + 1 } : undefined
  }
  if (!includes.test(word)) return undefined
  const mode = /^us(?:e|ing)$/.test(word) && listsLetters(tokens, at + 1) ? 'only' : 'including'
  return { mode, next: at + 1 }
}

/** 'using letters and numbers' names all there is; 'using numbers' asks for numbers among others. */
function listsLetters(tokens: readonly Token[], at: number): boolean {
  const named = new Set(readList(tokens, at, 'only').items.flatMap((item) => item.classes))
  return named.has('uppercase') && named.has('lowercase')
}

/** 'no symbols except - and _': the symbols that stay. */
function sparedBehind(tokens: readonly Token[], end: number): List {
  const words = tokens.slice(end, end + 2).map((token) => token.text)
  const [word, next] = words
  const spares = word === 'except' || word === 'besides' || (word === 'but' && next === 'for')
  const pair = (word === 'other' && next === 'than') || (word === 'apart' && next === 'from')
  if (!spares && !pair) return empty
  const list = readList(tokens, end + (pair || next === 'for' ? 2 : 1), 'without')
  const named = list.items.filter((item) => item.characters !== '')
  return named.length === list.items.length ? list : empty
}

/** 'symbols are not allowed', 'symbols excluded'. */
function forbiddenBehind(tokens: readonly Token[], end: number): boolean {
  const words = tokens.slice(end, end + 4).map((token) => token.text)
  return (
    /^(?:(?:are|is|be|were|should be|must be) )?(?:not (?:be )?(?:allowed|permitted|accepted|supported|wanted|used|valid|ok|okay)|forbidden|disallowed|excluded|prohibited|banned)\b/.test(
      words.join(' '),
    ) || /^(?::|=) (?:no|off|false|none)(?! more\b)\b/.test(words.join(' '))
  )
}

/** 'an alphanumeric password', 'a numeric PIN', 'lowercase password': one class before the noun. */
function isAdjective(tokens: readonly Token[], at: number, list: List): boolean {
  if (list.items.length !== 1) return false
  const word = tokens[at]?.text ?? ''
  if (/^alphanumerics?$/.test(word) || (word === 'alpha' && list.end > at + 1)) return true
  const noun = tokens[list.end]?.text ?? ''
  return (
    /^(?:numeric|lowercase|uppercase|alphabetic|digits|letters)$/.test(word) &&
    /^(?:passwords?|string|code|key|passcode)$/.test(noun)
  )
}

function isWord(piece: string): boolean {
  return /^[\p{L}\p{N}]{4,}$/u.test(piece) || /\s/.test(piece)
}

/** 'characters that look alike', 'easy to read': the same wish in other words. */
function saysReadable(tokens: readonly Token[]): boolean {
  const text = tokens.map((token) => token.text).join(' ')
  if (/\b(?:allow|keep|with) (?:look ?alikes?|ambiguous)\b/.test(text)) return false
  return /\b(?:look(?:s|ing)? (?:alike|similar|the same)|(?:get|easily|be|are|is) (?:easily )?(?:confused|mistaken|mixed up)|unambiguous|easy to (?:read|tell apart|distinguish|copy|dictate|write down|transcribe)|easily readable|readable|legible|hard to (?:distinguish|tell apart))\b/.test(
    text,
  )
}
