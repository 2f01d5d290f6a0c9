import type { MemoryRecord } from '../records.ts'
import { Secret } from '../secret.ts'

/** The words of a text, in lower case and without accents. */
export function wordsOf(text: string): readonly string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}

/** What of a memory can be found: its key, and the keys and texts of its value. Never a secret. */
export function searchableText({ key, value }: Pick<MemoryRecord, 'key' | 'value'>): string {
  return `${key}\n${textIn(value)}`
}

/** What of JSON data can be found: its keys, texts and numbers, a line for each. Never a secret. */
export function textIn(value: unknown): string {
  const texts: string[] = []
  const collect = (part: unknown): void => {
    if (typeof part === 'string') texts.push(part)
    else if (typeof part === 'number') texts.push(String(part))
    else if (Array.isArray(part)) part.forEach(collect)
    else if (typeof part === 'object' && part !== null && !(part instanceof Secret)) {
      for (const [name, entry] of Object.entries(part)) {
        texts.push(name)
        collect(entry)
      }
    }
  }
  collect(value)
  return texts.join('\n')
}

/** Whether a memory has all of these words, each as the beginning of one of its own; not for no words. */
export function isFound(record: MemoryRecord, words: readonly string[]): boolean {
  return words.length > 0 && hasWords(searchableText(record), words)
}

/** Whether a text has all of these words, each as the beginning of one of its own. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const own = wordsOf(text)
  return words.every((word) => own.some((other) => other.startsWith(word)))
}
