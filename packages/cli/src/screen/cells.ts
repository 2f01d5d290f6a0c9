// Wide in terminals: East Asian scripts and forms, and emoji. Node has no East_Asian_Width; what is in
// doubt counts as wide, since a line that is a cell too short does no harm.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe1f\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

// Marks sit on the character before them; format characters join or steer.
const NO_WIDTH = /^[\p{M}\p{Cf}]$/u

const EMOJI_STYLE = '\ufe0f'

/** How many cells of a terminal's line a text takes at most. */
export function cellsOf(text: string): number {
  let cells = 0
  for (const character of text) {
    if (WIDE.test(character)) cells += 2
    // It makes a narrow sign a wide one.
    else if (character === EMOJI_STYLE || !NO_WIDTH.test(character)) cells += 1
  }
  return cells
}

/** The most cells of any of these texts; 0 for none, however many there are. */
export function mostCells(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, cellsOf(text)), 0)
}

/** As much of a text's beginning as fits, in whole characters. */
export function firstCells(text: string, width: number): string {
  return fitting(charactersOf(text), width).join('')
}

/** As much of a text's end as fits, in whole characters. */
export function lastCells(text: string, width: number): string {
  return fitting(charactersOf(text).reverse(), width).reverse().join('')
}

/** A text in lines of so many cells, broken between words where it can be; absent for one line. */
export function wrapped(text: string, cells: number | undefined): readonly string[] {
  if (cells === undefined || cellsOf(text) <= cells) return [text]
  const lines: string[] = []
  let rest = text
  const room = Math.max(10, cells)
  while (cellsOf(rest) > room) {
    const part = firstCells(rest, room)
    const space = part.lastIndexOf(' ')
    // What a reader takes for one character may be wider than a line.
    const end = (space > room / 2 ? space : part.length) || rest.length
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return rest === '' ? lines : [...lines, rest]
}

function fitting(characters: readonly string[], width: number): string[] {
  let left = width
  const end = characters.findIndex((character) => {
    left -= cellsOf(character)
    return left < 0
  })
  return characters.slice(0, end < 0 ? characters.length : end)
}

/** What a reader takes for one character may be many code points. */
function charactersOf(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
}
