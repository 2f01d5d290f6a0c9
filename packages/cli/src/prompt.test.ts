import { Readable } from 'node:stream'
import { MAX_REQUEST_LENGTH } from '@nanoagent/agents'
import { describe, expect, it } from 'vitest'
import { UsageError } from './errors.ts'
import { DEFAULT_PROMPT, MAX_PROMPT_LENGTH, readPrompt } from './prompt.ts'

const options = {
  stdin: Readable.from([]),
  notify: () => {
    throw new Error('nobody was to be told')
  },
}

const piped = (...chunks: (string | Uint8Array)[]) =>
  readPrompt('-', { ...options, stdin: Readable.from(chunks.map((one) => Buffer.from(one))) })

describe('MAX_PROMPT_LENGTH', () => {
  it('is what the team takes', () => {
    expect(MAX_PROMPT_LENGTH).toBe(MAX_REQUEST_LENGTH)
  })
})

describe('readPrompt', () => {
  it('takes what was typed, and the default where nothing was', async () => {
    await expect(readPrompt(' a PIN\n', options)).resolves.toBe('a PIN')
    await expect(readPrompt(undefined, options)).resolves.toBe(DEFAULT_PROMPT)
  })

  it('reads standard input to its end', async () => {
    await expect(piped('a p', 'in\n')).resolves.toBe('a pin')
  })

  it('joins characters that were torn in the pipe, and drops a byte order mark', async () => {
    const bytes = Buffer.from('\ufeffein Schl\u00fcssel \u{1f511}')
    const torn = Array.from(bytes, (byte) => Uint8Array.of(byte))

    await expect(piped(...torn)).resolves.toBe('ein Schl\u00fcssel \u{1f511}')
  })

  it('tells a person at the terminal how the prompt ends', async () => {
    const told: string[] = []
    const stdin = Object.assign(Readable.from([Buffer.from('a pin\n')]), { isTTY: true })

    const prompt = readPrompt('-', { ...options, stdin, notify: (text) => told.push(text) })

    await expect(prompt).resolves.toBe('a pin')
    expect(told).toEqual([expect.stringContaining('until Ctrl-D')])
  })

  it('stops reading an endless input', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.from('y\n'.repeat(100))
      })(),
    )
    const prompt = readPrompt('-', { ...options, stdin: endless })

    await expect(prompt).rejects.toThrow('the prompt on standard input has over 64000 bytes')
  })

  it('says why standard input cannot be read', async () => {
    const broken = new Readable({
      read() {
        this.destroy(Object.assign(new Error('no'), { code: 'EISDIR' }))
      },
    })

    await expect(readPrompt('-', { ...options, stdin: broken })).rejects.toThrow(
      'standard input cannot be read (EISDIR)',
    )
  })

  it.for([
    { what: 'an empty prompt', typed: '', says: 'the prompt is empty: say what to generate' },
    { what: 'white space', typed: ' \n\t', says: 'the prompt is empty' },
    {
      what: 'a long prompt',
      typed: 'x'.repeat(8001),
      says: 'has 8001 characters, the most is 8,000',
    },
  ])('refuses $what', async ({ typed, says }) => {
    const refused = readPrompt(typed, options)

    await expect(refused).rejects.toBeInstanceOf(UsageError)
    await expect(refused).rejects.toThrow(says)
  })

  it.for([
    { what: 'nothing', bytes: '', says: 'the prompt is empty' },
    { what: 'NUL', bytes: 'a\0b', says: 'standard input is not UTF-8 text' },
    { what: 'broken UTF-8', bytes: Uint8Array.of(0x61, 0xff), says: 'is not UTF-8 text: pipe in' },
    { what: 'too much', bytes: 'x'.repeat(8001), says: 'has 8001 characters, the most is 8,000' },
  ])('refuses $what on standard input', async ({ bytes, says }) => {
    await expect(piped(bytes)).rejects.toThrow(says)
  })
})
