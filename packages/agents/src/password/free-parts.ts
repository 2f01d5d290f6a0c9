/** What is left of a password when what it must contain is taken out, each piece once. */
export function freeParts(password: string, pieces: readonly string[]): readonly string[] {
  return [...pieces]
    .sort((a, b) => b.length - a.length)
    .reduce<readonly string[]>((parts, piece) => without(parts, piece), [password])
    .filter((part) => part !== '')
}

function without(parts: readonly string[], piece: string): readonly string[] {
  const index = piece === '' ? -1 : parts.findIndex((part) => part.includes(piece))
  const part = parts[index]
  if (part === undefined) return parts
  const at = part.indexOf(piece)
  return parts.toSpliced(index, 1, part.slice(0, at), part.slice(at + piece.length))
}
