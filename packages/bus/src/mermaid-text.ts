/**
 * A text for a Mermaid diagram: on one line, with everything that may mean something to Mermaid as the
 * number of its character. Never empty.
 */
export function mermaidText(text: string): string {
  const shown = text
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .replace(/[^\p{L}\p{N} .,_/()-]/gu, (sign) => `#${sign.codePointAt(0)};`)
  return shown || '-'
}
