import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createOutput, printEach } from './output.ts'

const broken = (code: string) =>
  new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
  })

it('writes lines to the stream that they are for', async () => {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const output = createOutput(stdout, stderr)

  output.print('a password')
  output.notify('two\nlines\u001b[2J')
  await output.flush()

  expect(String(stdout.read())).toBe('a password\n')
  expect(String(stderr.read())).toBe('two lines\n')
})

it.for(['EPIPE', 'ENOSPC'])('says that nobody takes its output, by the code %s', async (code) => {
  const output = createOutput(broken(code), new PassThrough())

  output.print('a password')
  await output.flush()
  output.print('nobody hears this')

  expect(output.closed.reason).toBe(code)
})

it('goes on where standard error is closed', async () => {
  const stdout = new PassThrough()
  const output = createOutput(stdout, broken('EPIPE'))

  output.notify('nobody hears this')
  await output.flush()
  output.notify('nor this')
  output.print('a password')

  expect(String(stdout.read())).toBe('a password\n')
  expect(output.closed.aborted).toBe(false)
})

describe('a long listing', () => {
  /** Lines without an end, and how many of them were asked for. */
  function endless() {
    const asked = { count: 0 }
    async function* lines(): AsyncIterable<string> {
      for (;;) yield `line ${++asked.count}`
    }
    return { asked, lines: lines() }
  }

  it('is written no faster than it is read', async () => {
    const { asked, lines } = endless()
    let written = 0
    let mostAhead = 0
    const slow = new Writable({
      highWaterMark: 1_000,
      write(chunk, _encoding, done) {
        written += String(chunk).split('\n').length - 1
        mostAhead = Math.max(mostAhead, asked.count - written)
        setImmediate(() => done(written < 20_000 ? null : new Error('enough')))
      },
    })
    await printEach(createOutput(slow, new PassThrough()), lines)

    expect(written).toBeGreaterThanOrEqual(20_000)
    expect(mostAhead).toBeLessThan(200)
  })

  it('ends where nobody reads it any more', async () => {
    const { asked, lines } = endless()
    const output = createOutput(broken('EPIPE'), new PassThrough())
    await printEach(output, lines)

    expect(output.closed.reason).toBe('EPIPE')
    expect(asked.count).toBeLessThan(100_000)
  })

  it('lets the process hear of other things meanwhile', async () => {
    let isOver = false
    setImmediate(() => {
      isOver = true
    })
    async function* lines(): AsyncIterable<string> {
      while (!isOver) yield 'line'
    }
    const never = new Writable({ highWaterMark: Number.MAX_SAFE_INTEGER, write: () => {} })
    await printEach(createOutput(never, new PassThrough()), lines())

    expect(isOver).toBe(true)
  })
})

describe('a hint', () => {
  const terminal = (columns: number) => Object.assign(new PassThrough(), { isTTY: true, columns })

  it('is rewritten in place, and gone before anything else is written', async () => {
    const stdout = terminal(80)
    const output = createOutput(stdout, new PassThrough())

    output.hint('one')
    output.hint('one')
    output.hint('two')
    output.print('a password')
    output.hint('three')
    output.hint('')
    output.hint('')
    output.print('the end')
    await output.flush()

    const erase = '\r\u001b[2K'
    expect(String(stdout.read())).toBe(`one${erase}two${erase}a password\nthree${erase}the end\n`)
  })

  it('is gone before a line on standard error, which is at the same terminal', async () => {
    const stdout = terminal(80)
    const stderr = new PassThrough()
    const output = createOutput(stdout, stderr)

    output.hint('one')
    output.notify('a notice')
    await output.flush()

    expect(String(stdout.read())).toBe('one\r\u001b[2K')
    expect(String(stderr.read())).toBe('a notice\n')
  })

  it('has the width of the terminal but for its last cell, whatever it is just now', () => {
    const stdout = terminal(80)
    const output = createOutput(stdout, new PassThrough())
    expect(output.width).toBe(79)

    stdout.columns = 40
    expect(output.width).toBe(39)
    expect(createOutput(terminal(0), new PassThrough()).width).toBe(79)
  })

  it('has no width where there is no terminal, or a dumb one', () => {
    expect(createOutput(new PassThrough(), new PassThrough()).width).toBeUndefined()
    expect(createOutput(terminal(80), new PassThrough(), { isDumb: true }).width).toBeUndefined()
  })
})
