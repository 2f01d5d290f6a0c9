/** Text that was put together of sentences: no full stop before another mark, no `1 attempts`. */
export function tidied(text: string): string {
  return text
    .replace(/\.(?=[;:,](\s|$))/g, '')
    .replace(/(?<![\d.,])1 (attempt|hop|second|token)s\b/g, '1 $1')
}

/** A text without its full stop, to go on behind it. */
export function unended(text: string): string {
  return text.replace(/(?<!\.)\.\s*$/, '')
}

/** A text with a capital at its beginning. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
