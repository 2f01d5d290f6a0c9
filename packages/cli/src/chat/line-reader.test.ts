import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLineReader } from './line-reader.ts'

function reader() {
  const input = new PassThrough()
  const output = new PassThrough()
  return { input, lines: createLineReader({ input, output, prompt: '> ' }) }
}

describe('a line reader', () => {
  it('gives one line after the other, also those that came at once', async () => {
    const { input, lines } = reader()
    const first = lines.next()
    input.write('one\ntwo\nthree\n')

    expect([await first, await lines.next(), await lines.next()]).toEqual(['one', 'two', 'three'])
  })

  it('gives nothing where the person leaves', async () => {
    const { input, lines } = reader()
    const line = lines.next()
    input.end()

    expect(await line).toBeUndefined()
  })
})
