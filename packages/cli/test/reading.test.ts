import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RecordedJournal, recordJournal } from './recorded-journal.ts'
import { type Ended, runCli, startCli, temporaryFolder } from './spawn-cli.ts'

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
  it.for([
    { args: ['runs', '--status', 'completed'], says: 'A password of 24 characters' },
    { args: ['show', 'last~1'], says: ' failed: ' },
    { args: ['tail', 'last~1'], says: 'run failed: ' },
    { args: ['dead-letters'], says: 'the endpoint is down' },
    { args: ['stats'], says: '3 runs: ' },
  ])(
    'print to standard output, without colours where that is piped: $args',
    async ({ args, says }) => {
      const { status, stdout, stderr } = await read(args)

      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toContain(says.trim())
      expect(stdout).not.toContain('\u001b')
    },
  )

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
    const env = { NANOAGENT_JOURNAL: join(folder.path, 'journal.db') }
    await runCli(['--mock', '--quiet', 'A PIN of 4 digits'], { env })
    const { child, ended } = startCli(['tail', '--json'], { env })
    let shown = ''
    const runs: Promise<Ended>[] = []
    const hasEnded = new Promise<void>((resolve) => {
      child.stdout?.on('data', (part) => {
        shown += String(part)
        if (shown.includes('"run.ended"')) resolve()
      })
    })
    // It is not known when it has begun to look: whatever comes then is enough.
    const again = setInterval(() => {
      if (runs.length < 10) runs.push(runCli(['--mock', '--quiet', 'A PIN of 6 digits'], { env }))
    }, 1_000)
    await hasEnded
    clearInterval(again)
    child.kill('SIGINT')
    const { status, stdout, stderr } = await ended
    await Promise.all(runs)

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).not.toContain('PIN of 4')
    expect(stdout).toContain('PIN of 6')
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
