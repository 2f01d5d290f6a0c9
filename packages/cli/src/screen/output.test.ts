import { PassThrough, Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { createOutput } from './output.ts'

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
