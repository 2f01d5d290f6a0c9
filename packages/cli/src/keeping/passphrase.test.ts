import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../errors.ts'
import { givenPassphrase, newPassphrase, type PassphraseInput } from './passphrase.ts'

/** A terminal at which these lines are typed, one for each time that somebody is asked. */
function terminal(lines: readonly string[]) {
  const stream = new PassThrough()
  const modes: boolean[] = []
  const shown: string[] = []
  const left = [...lines]
  const input: PassphraseInput = Object.assign(stream, {
    isTTY: true,
    setRawMode(mode: boolean) {
      modes.push(mode)
      if (mode) setImmediate(() => stream.write(left.shift() ?? ''))
      return input
    },
  })
  const controller = new AbortController()
  const stops: number[] = []
  const stop = (exitStatus: number, reason: string) => {
    stops.push(exitStatus)
    controller.abort(new Error(reason))
  }
  const write = (text: string) => void shown.push(text)
  const interruption = { signal: controller.signal, stop }
  return { settings: { env: {}, input, write, interruption }, modes, shown, stops }
}

describe('a passphrase', () => {
  it('is that of the environment, where it has one', async () => {
    const { settings, shown } = terminal([])
    const env = { NANOAGENT_PASSPHRASE: ' as it is ' }

    expect(await newPassphrase({ ...settings, env })).toBe(' as it is ')
    expect(await givenPassphrase({ ...settings, env })).toBe(' as it is ')
    expect(shown).toEqual([])
  })

  it('is asked for twice to seal, and not shown', async () => {
    const { settings, shown, modes } = terminal(['geheim€\r', 'geheim€\r'])

    expect(await newPassphrase(settings)).toBe('geheim€')
    expect(shown).toEqual(['Passphrase for the secrets: ', '\n', 'The same again: ', '\n'])
    expect(modes).toEqual([true, false, true, false])
  })

  it('can be corrected while it is typed', async () => {
    const { settings } = terminal(['wrong\u0015right!\u007f\r'])

    expect(await givenPassphrase(settings)).toBe('right')
  })

  it.for([
    { lines: ['one\r', 'two\r'], says: /another passphrase than before/ },
    { lines: ['\r'], says: /is empty/ },
  ])('is refused where it $says', async ({ lines, says }) => {
    const { settings } = terminal(lines)

    const asked = newPassphrase(settings)

    await expect(asked).rejects.toThrow(UsageError)
    await expect(asked).rejects.toThrow(says)
  })

  it('is given up by Ctrl-C, and the terminal is as it was', async () => {
    const { settings, stops, modes } = terminal(['secr\u0003'])

    await expect(givenPassphrase(settings)).rejects.toThrow('interrupted')
    expect(stops).toEqual([130])
    expect(modes).toEqual([true, false])
  })

  it('is refused where nobody can type it', async () => {
    const { settings } = terminal([])
    const input = Object.assign(settings.input, { isTTY: false })

    await expect(newPassphrase({ ...settings, input })).rejects.toThrow('set NANOAGENT_PASSPHRASE')
  })
})
