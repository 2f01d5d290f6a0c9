import { type CharacterClass, characters } from './characters.ts'
import { countsSomething, type Item, readItem } from './request-items.ts'
import type { Token } from './request-tokens.ts'
import { isOrdinary } from './vocabulary.ts'

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

type Mode = 'without' | 'only' | 'including'

interface List {
  readonly items: readonly Item[]
  readonly end: number
}

const maxItems = 40
const empty: List = { items: [], end: 0 }

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
      const allowed = directive.mode === 'including' && forbiddenBehind(tokens, list.end)
      apply(allowed ? 'without' : directive.mode, list)
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

const fillers =
  /^(?:any|a|an|the|some|of|both|either|also|at|least|minimum|exactly|use|using|used|contain|containing|contains|include|includes|including|have|having|allow|allowing|accept|support|permit|like|want|need|be|in|with|it|its|plain|standard|ascii|english|simple|all|from|made|up|consist|consisting|possible|such|following|single|random|every|each|other)$/

/**
 * Reads a list of items: 'any symbols, numbers or the letter x'. A list of what is not wanted ends
 * before what the next clause claims: 'no symbols, letters and numbers only'.
 */
function readList(tokens: readonly Token[], from: number, mode: Mode, skip = true): List {
  const groups: { items: Item[]; end: number }[] = []
  let at = skip ? skipFillers(tokens, from, mode) : from
  let alternatives = false
  while (groups.length < maxItems) {
    const item = readItem(tokens, at) ?? bareItem(tokens, at, mode, from, groups.length)
    if (item === undefined || isOutOfPlace(item, mode, groups.length)) break
    groups.push({ items: [item], end: item.end })
    const joint = skipJoint(tokens, item.end)
    if (joint.alternative) alternatives = true
    if (!joint.joined) break
    at = skipFillers(tokens, joint.next, mode)
  }
  const first = groups[0]
  if (first === undefined) return { items: [], end: from }
  const items = groups.flatMap((group) => group.items)
  const end = groups.at(-1)?.end ?? first.end
  const claimed = /^(?:only|alone|exclusively|solely|allowed|ok|okay|fine)$/.test(
    tokens[end]?.text ?? '',
  )
  const named = new Set(items.flatMap((item) => item.classes))
  const letters = named.has('uppercase') && named.has('lowercase') && !alternatives
  const mixed = items.length > 1 && first.items.every((item) => !item.classes.includes('lowercase'))
  if (mode === 'without' && items.length > 1 && (claimed || (letters && mixed && named.size > 2))) {
    return { items: first.items, end: first.end }
  }
  return { items, end }
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

function skipFillers(tokens: readonly Token[], from: number, mode: Mode): number {
  let at = from
  const most = Math.min(tokens.length, from + 8)
  while (at < most && readItem(tokens, at) === undefined) {
    const token = tokens[at]
    const count = token?.kind === 'number' && takesCount(readItem(tokens, at + 1), mode)
    const colon = token?.kind === 'symbols' && token.text === ':'
    if (!count && !colon && !(token?.kind === 'word' && fillers.test(token.text))) break
    at += 1
  }
  return at
}

/** 'of 18 lowercase letters' limits the classes, 'of 18 letters' is a mere length. */
function takesCount(item: Item | undefined, mode: Mode): boolean {
  if (item === undefined || mode === 'without') return false
  return mode === 'including' || item.classes.length === 1
}

/** What only a list gives a meaning: a single letter or digit, or a word that must be contained. */
function bareItem(
  tokens: readonly Token[],
  at: number,
  mode: Mode,
  from: number,
  position: number,
): Item | undefined {
  const token = tokens[at]
  if (token === undefined || mode === 'only') return undefined
  const trigger = tokens[from - 1]?.text ?? ''
  const single = { classes: [], characters: token.raw, piece: '', lookAlikes: false, end: at + 1 }
  const strong = mode === 'without' || /^(?:contain|include)/.test(trigger)
  if (token.kind === 'number') {
    if (!strong || !/^\d+$/.test(token.raw) || countsSomething(tokens, at)) return undefined
    if (mode === 'including') return { ...single, characters: '', piece: token.raw }
    return token.raw.length === 1 ? single : undefined
  }
  if (token.kind !== 'word' || !strong || countsSomething(tokens, at)) return undefined
  if (/^\p{L}$/u.test(token.raw)) {
    const article = position === 0 && /^[aAiI]$/.test(token.raw)
    return article ? undefined : single
  }
  const word = /^contain/.test(trigger) && token.raw.length <= 20 && !isOrdinary(token.raw)
  return word ? { ...single, characters: '', piece: token.raw } : undefined
}

/** Among the only ones a symbol may follow classes: 'letters, numbers and underscores only'. */
function isOutOfPlace(item: Item, mode: Mode, position: number): boolean {
  if (mode !== 'only' || item.classes.length > 0) return false
  return position === 0 || item.characters === ''
}

interface Joint {
  readonly next: number
  readonly joined: boolean
  readonly alternative: boolean
}

/** Skips 'and', ', or', '&' between two items. In '#, %' the comma is part of the run before. */
function skipJoint(tokens: readonly Token[], from: number): Joint {
  const run = tokens[from - 1]
  const closed = run?.kind === 'symbols' && /^.+[,;]$/u.test(run.text)
  let at = from
  let alternative = false
  const comma = tokens[at]
  if (comma?.kind === 'symbols' && /^(?:,|;|&|\+)$/.test(comma.text)) at += 1
  for (let joints = 0; joints < 3; joints += 1, at += 1) {
    const word = tokens[at]?.text ?? ''
    if (!/^(?:and|or|nor|plus)$/.test(word)) break
    if (/^n?or$/.test(word)) alternative = true
  }
  return { next: at, joined: closed || at > from, alternative }
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
