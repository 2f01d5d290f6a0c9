import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** See SQLite's "WAL-mode File Format". */
const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/** The pages that the transactions in a WAL file have written; none where there is no such file. */
export function pagesInWal(path: string): ReadonlySet<number> {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return new Set()
  }
  try {
    return readPages(file)
  } finally {
    closeSync(file)
  }
}

function readPages(file: number): ReadonlySet<number> {
  const header = Buffer.alloc(HEADER_BYTES)
  const frame = Buffer.alloc(FRAME_HEADER_BYTES)
  const pages = new Set<number>()
  const { size } = fstatSync(file)
  if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return pages
  const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(8)
  let uncommitted: number[] = []
  for (let at = HEADER_BYTES; at + frameBytes <= size; at += frameBytes) {
    readSync(file, frame, 0, FRAME_HEADER_BYTES, at)
    // What comes after the last frame with the header's salts is from before the WAL began anew.
    if (frame.compare(header, 16, 24, 8, 16) !== 0) break
    uncommitted.push(frame.readUInt32BE(0))
    if (frame.readUInt32BE(4) === 0) continue
    for (const page of uncommitted) pages.add(page)
    uncommitted = []
  }
  return pages
}
