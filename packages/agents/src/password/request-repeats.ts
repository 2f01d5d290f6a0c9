import type { Token } from './request-tokens.ts'

const thing = '(?:characters?|chars?|letters?|digits?|numbers?|symbols?|signs?)'
const all = '(?:all|every|each|any|its|the|of)'
const not = '(?:not|never)'
const modal =
  '(?:is|are|be|must|should|shall|may|can|will|do|does|has to|have to|need to|needs to|to|allowed)'
const twice = '(?:twice|more than once|more than one time|multiple times|several times|two times)'
const repeat = '(?:repeat|repeats|repeated|repeating|recur|recurs|recurring|reused?)'
const double = `(?:${repeat}|duplicates?|duplicated|doubled?|doubles|identical|repetitions?|repetitive|same)`
const different = '(?:unique|distinct|different)'
const appear =
  '(?:appears?|appearing|occurs?|occurring|used|comes?|contained|there|present|repeated)'

/** As whole words, and not of some: 'at least 5 different characters'. */
function asWords(wording: string): RegExp {
  return new RegExp(
    `(?<![^ ])(?<!(?:least|most|than) [^ ]+ )(?:${wording})(?![^ ])(?! (?:${inARow}))`,
    'g',
  )
}

/** Another wish, about neighbours alone. */
const inARow =
  'in a row|in sequence|consecutively|in succession|next to|side by side|back to back|one after'

/** How people say that no character may occur twice; each is found as whole words. */
const wordings = [
  // 'no character twice', 'no letter or digit more than once', 'without using any character twice'
  `(?:no|not|without|never)(?: (?:two|single|one|using|use|having|any|a|the))* ${thing}(?: (?:and|or) ${thing})*(?: (?:that|which|to|${modal}|${appear}))* ${twice}`,
  // 'no repeated characters', 'without duplicate letters', 'non repeating characters'
  `(?:no|non|not|without|zero|avoid|avoiding|exclude|excluding)(?: (?:any|${all}))* ${double}(?: (?:or|and) ${double})*(?: (?:of|in))?(?: ${all})* ${thing}`,
  // 'characters must not repeat', 'no characters repeat', 'characters may not be repeated'
  `(?:no )?${thing}(?: (?:that|which|${modal}))* ${not}(?: (?:be|get|ever))* (?:${repeat}|duplicated?|(?:${appear} )?${twice}|the same)`,
  `no(?: two)? ${thing}(?: (?:that|which|${modal}))* (?:${repeat}|duplicated?|alike|equal|the same|identical)`,
  // "don't repeat characters", 'never use a character twice'
  `(?:do not|does not|never) (?:repeats?|reuses?|duplicates?)(?: (?:any|a|the|of))* ${thing}`,
  `(?:do not|never|not) (?:use|have|using)(?: (?:any|a|the|same))* ${thing} ${twice}`,
  // 'all characters different', 'only unique characters', 'each character once'
  `(?:all|every|each)(?: (?:of|the|its))* ${thing}(?: ${modal})*(?: all)? ${different}`,
  `(?:with |of |using |has |have |only )*(?:all |only |just |purely )*(?:unique|distinct|non duplicate) ${thing}(?: only)?`,
  `(?:all|only|just) different ${thing}`,
  `(?<=(?<![^ ])(?:\\d+|eight|ten|twelve|sixteen|twenty) )different (?:characters|chars)`,
  `(?:non ?repeating|nonrepeated|nonduplicate) ${thing}`,
  `${thing}(?: (?:that|which))?(?: ${modal})* all ${different}`,
  `(?:all |every |each )(?:of |the |its )*${thing}(?: ${modal})*(?: ${appear})?(?: at most| only| exactly| just| no more than| not more than| max| maximum)*(?: once| one time)(?: only)?`,
  `(?:characters?|chars?) (?:at most|only|no more than|not more than) once(?: each)?`,
].map(asWords)

/** 'without repetition', 'all different': of what is clear, unless words or several are made. */
const ofSomething = [
  '(?:no|without|zero|avoid|avoiding)(?: any)? (?:character |letter |digit )?(?:repeats|repetitions?|duplicates|duplication|doubles|repeating|repetition)',
  `(?<=${thing} (?:[,;:.] )?(?:and |but )?)(?:all|each|every)(?: (?:of|one|them))*(?: ${modal})* (?:${different}|differ)`,
  `(?:none|nothing)(?: of (?:them|it))?(?: (?:${modal}|${appear}))* (?:${twice}|${repeat}|duplicated)`,
  'no two(?: of them)?(?: are)? (?:alike|the same|identical|equal)',
].map(asWords)

/** Whether a request wants no character twice, and the rest of it without those words. */
export function readRepeats(tokens: readonly Token[]): {
  readonly noRepeats: boolean
  readonly rest: readonly Token[]
} {
  let text = ''
  const startsAt = new Map<number, number>()
  for (const [index, token] of tokens.entries()) {
    if (text !== '') text += ' '
    startsAt.set(text.length, index)
    // What is quoted is to be contained, and says nothing.
    text += token.kind === 'quoted' ? '"' : token.text
  }
  const said = new Set<number>()
  const isClear = !/(?<![^ ])(?:words?|passphrases?|passwords|pins|codes|options)(?![^ ])/.test(
    text,
  )
  for (const wording of isClear ? [...wordings, ...ofSomething] : wordings) {
    for (const { index, 0: found } of text.matchAll(wording)) {
      for (let at = index; at < index + found.length; at++) {
        const token = startsAt.get(at)
        if (token !== undefined) said.add(token)
      }
    }
  }
  return { noRepeats: said.size > 0, rest: tokens.filter((_token, index) => !said.has(index)) }
}
