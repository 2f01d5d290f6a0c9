/** Text between tags, so that a model can tell it from what surrounds it. */
export function tagged(tag: string, text: string): string {
  return `<${tag}>\n${text}\n</${tag}>`
}

/** The text between the first opening and the last closing tag; empty where there is none. */
export function taggedText(tag: string, prompt: string): string {
  const from = prompt.indexOf(`<${tag}>\n`)
  const until = prompt.lastIndexOf(`\n</${tag}>`)
  return from === -1 || until < from ? '' : prompt.slice(from + tag.length + 3, until)
}
