import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Secret } from '@nanoagent/bus'
import { afterAll, expect, test } from 'vitest'
import { UsageError } from '../errors.ts'
import { editInEditor } from './edit-in-editor.ts'

const folder = mkdtempSync(join(tmpdir(), 'nanoagent-editor-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** At a terminal, with an editor that does this to its file, $1. */
function at(script: string) {
  const editor = join(folder, 'editor.sh')
  writeFileSync(editor, `#!/bin/sh\n${script}\n`)
  chmodSync(editor, 0o700)
  return { env: { EDITOR: editor }, stdin: { isTTY: true }, stdout: { isTTY: true } }
}

const data = { length: 16, key: new Secret('hunter2-hunter2').name('secret:run.h#1') }

async function refused(settings: Parameters<typeof editInEditor>[1]): Promise<string> {
  const error = await editInEditor(data, settings).catch((error: unknown) => error)
  if (error instanceof UsageError) return error.message
  throw error
}

const keptFile = (message: string) => /--data (\S+) takes it/.exec(message)?.[1] ?? ''

test('gives what was left as data, with secrets by their handles, and leaves no file', async () => {
  const copy = join(folder, 'seen')
  const edited = await editInEditor(data, at(`echo $1 > ${copy}; sed -i 's/16/30/' $1`))
  expect(edited.data).toEqual({ length: 30, key: 'secret:run.h#1' })
  const file = readFileSync(copy, 'utf8').trim()
  expect(existsSync(file)).toBe(true)
  edited.discard()
  expect(existsSync(dirname(file))).toBe(false)
  // The fork has begun: nothing is to be kept any more.
  const error = new Error('later')
  expect(edited.keptAfter(error)).toBe(error)
})

test.each([
  [
    'is no JSON',
    `echo '{"length": 3' > $1`,
    /^what was edited is no JSON: .*; what you have edited/,
  ],
  ['was left by an editor that failed', 'echo 5 > $1; exit 3', /ended with 3: .*; what you have/],
])('keeps what %s, and names the file', async (_what, script, expected) => {
  const message = await refused(at(script))
  expect(message).toMatch(expected)
  const file = keptFile(message)
  expect(readFileSync(file, 'utf8')).toMatch(/^(\{"length": 3|5)\n$/)
  rmSync(dirname(file), { recursive: true })
})

test('keeps what the type of the message does not fit', async () => {
  const edited = await editInEditor(data, at('echo 5 > $1'))
  const error = edited.keptAfter(new UsageError('the new data: refused'))
  const file = keptFile(String(error))
  expect(readFileSync(file, 'utf8')).toBe('5\n')
  edited.discard()
})

test('keeps nothing where nothing was edited', async () => {
  const message = await refused(at('exit 1'))
  expect(message).toMatch(/ended with 1: set EDITOR/)
  expect(message).not.toContain('kept')
})

test.each([
  [{}, { isTTY: true }],
  [{ isTTY: true }, {}],
])('begins no editor without a terminal', async (stdin, stdout) => {
  const settings = { ...at('echo 5 > $1'), stdin, stdout }
  expect(await refused(settings)).toMatch(/^--edit needs a terminal .*--data FILE or --set/)
})
