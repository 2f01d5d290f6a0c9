import { once } from 'node:events'
import { join } from 'node:path'
import { createBus, defineMessage } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type RecordedJournal, recordJournal } from './recorded-journal.ts'
import { type Ended, runCli, startCli, temporaryFolder } from './spawn-cli.ts'

const Asked = defineMessage('asked', z.string())

let recorded: RecordedJournal

beforeAll(async () => {
  recorded = await recordJournal()
})

afterAll(() => recorded[Symbol.dispose]())

const read = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> => runCli(args, { env: { NANOAGENT_JOURNAL: recorded.path, ...env } })

describe.concurrent('the commands that read a journal', { timeout: 60_000 }, () => {
  it('print to standard output, without colours where that is piped', async () => {
    const { status, stdout, stderr } = await read(['runs', '--status', 'completed'])

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('A password of 24 characters')
    expect(stdout).not.toContain('\u001b')
  })

  it('print in colour where somebody asks for it', async () => {
    expect((await read(['runs'], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[')
  })

  it('say in one line what they cannot read', async () => {
    for (const args of [['show', 'nobody'], ['runs', '--journal', 'none.db'], ['show']]) {
      const { status, stdout, stderr } = await read(args)

      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(/^nanoagent: [^\n]+\n$/)
    }
  })

  it('show what other processes do from now on, until Ctrl-C', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'journal.db')
    await using journal = await openJournal(path)
    await using bus = createBus({ journal })
    const ask = (text: string) => bus.publish('nobody', Asked, text, { terminal: Asked }).result
    await ask('before')
    const { child, ended } = startCli(['tail', '--json'], { env: { NANOAGENT_JOURNAL: path } })
    let shown = ''
    const hasEnded = new Promise<void>((resolve) => {
      child.stdout?.on('data', (part) => {
        shown += String(part)
        if (shown.includes('"run.ended"')) resolve()
      })
    })
    // It is not known when it begins to look: whatever comes then will do.
    const again = setInterval(() => void ask('after'), 100)
    await hasEnded
    clearInterval(again)
    child.kill('SIGINT')
    const { status, stdout, stderr } = await ended

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).not.toContain('"before"')
    expect(stdout).toContain('"after"')
  })

  it('end quietly where nobody reads the rest', async () => {
    const { child, ended } = startCli(['tail', recorded.passed, '--json'], {
      env: { NANOAGENT_JOURNAL: recorded.path },
    })
    if (child.stdout !== null) await once(child.stdout, 'data')
    child.stdout?.destroy()
    const { status, stderr } = await ended

    expect([0, 141]).toContain(status)
    expect(stderr).toBe('')
  })
})
