import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mergeInto, readEnvFile } from './env-file.ts'
import { UsageError } from './errors.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nanoagent-env-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('readEnvFile', () => {
  it('reads names and values, without comments and quotes', () => {
    const path = join(folder, '.env')
    writeFileSync(path, '# a comment\nexport A=1\nB="two words"\nC=\n')

    expect(readEnvFile(path)).toEqual({ A: '1', B: 'two words', C: '' })
  })

  it('takes a missing file for an empty one', () => {
    expect(readEnvFile(join(folder, '.env'))).toEqual({})
  })

  it('says what to do where it cannot be read', () => {
    mkdirSync(join(folder, '.env'))
    const read = () => readEnvFile(join(folder, '.env'))

    expect(read).toThrow(UsageError)
    expect(read).toThrow('.env cannot be read (EISDIR): make it a readable file, or remove it')
  })

  it.for([
    { what: 'UTF-16', bytes: Buffer.from('\ufeffA=1\n', 'utf16le') },
    { what: 'NUL', bytes: Buffer.from('A=1\n\0') },
    { what: 'Latin-1', bytes: Buffer.from('A=\u00e9', 'latin1') },
  ])('refuses $what', ({ bytes }) => {
    const path = join(folder, '.env')
    writeFileSync(path, bytes)

    expect(() => readEnvFile(path)).toThrow('.env is not UTF-8 text')
  })
})

it('lets what is set win over the file, even where it is empty', () => {
  const env: NodeJS.ProcessEnv = { A: 'set', B: '' }

  const added = mergeInto(env, { A: 'file', B: 'file', C: 'file' })

  expect(env).toEqual({ A: 'set', B: '', C: 'file' })
  expect([...added]).toEqual(['C'])
})
