import { styleText } from 'node:util'

/** Colours a text, or does not. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** No colours. */
export const plain: Paint = (_style, text) => text

/** Colours for a stream: only on a terminal, unless NO_COLOR or FORCE_COLOR say otherwise. */
export function paintFor(stream: NodeJS.WritableStream, options: { color: boolean }): Paint {
  return options.color ? (style, text) => styleText(style, text, { stream }) : plain
}
