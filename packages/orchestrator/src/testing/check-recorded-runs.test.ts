import { AssertionError } from 'node:assert'
import { execFile } from 'node:child_process'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { recordFile } from '../../test/recorded-files.ts'
import { answerTeam, echo } from '../../test/teams.ts'
import { checkRecordedRuns } from './index.ts'

/** A folder with a file of two runs. */
async function folderOfRuns() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'nanoagent-recorded-'))
  const requests = ['one', 'two'].map((runId) => [`why ${runId}?`, { runId }] as const)
  const path = join(folder.path, 'runs.jsonl')
  await recordFile(path, { team: answerTeam(), model: echo, requests })
  return folder
}

describe('recorded runs in a test', () => {
  it('pass where the team does what it did', async () => {
    await using folder = await folderOfRuns()

    const report = await checkRecordedRuns({
      folder: pathToFileURL(folder.path),
      team: answerTeam(),
    })

    expect(report.counts.identical).toBe(2)
  })

  it('fail with where each does what else, and why', async () => {
    await using folder = await folderOfRuns()
    await writeFile(join(folder.path, 'broken.jsonl'), 'nothing\n')
    const team = answerTeam({ edit: (text) => `${text.toUpperCase()}!` })
    const agents = team.agents.map((agent) => ({
      ...agent,
      ...(agent.role === 'writer' ? { instructions: 'Be brief.' } : {}),
    }))

    const checked = checkRecordedRuns({ folder: folder.path, team: { ...team, agents } })
    const error: unknown = await checked.catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(AssertionError)
    await expect(
      checked,
    ).rejects.toThrow(`3 of 3 recorded runs in ${folder.path} are not replayed alike:
broken.jsonl:1: unreadable: no JSON (Unexpected token 'o', "nothing" is not valid JSON)
runs.jsonl:2, run one: writer, handling . question.asked: step 1 asks for something else (the prompt has changed)
  request.instructions:
    expected: "Writes."
    actual:   "Be brief."
runs.jsonl:10, run two: writer, handling . question.asked: step 1 asks for something else (the prompt has changed)
  request.instructions:
    expected: "Writes."
    actual:   "Be brief."`)
    expect(error).toMatchObject({
      expected: { stepKind: 'model', name: 'echo' },
      actual: { request: { instructions: 'Be brief.' } },
    })
  })

  it('fail where there are none, or no folder', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'nanoagent-recorded-'))

    await expect(checkRecordedRuns({ folder: folder.path, team: answerTeam() })).rejects.toThrow(
      `there are no recorded runs in ${folder.path}`,
    )
    await expect(
      checkRecordedRuns({ folder: join(folder.path, 'none'), team: answerTeam() }),
    ).rejects.toThrow('ENOENT')
  })

  it('need no vitest', { timeout: 60_000 }, async () => {
    const code = `
      import { registerHooks } from 'node:module'
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier.includes('vitest')) throw new Error('vitest is asked for')
          return next(specifier, context)
        },
      })
      console.log(Object.keys(await import('@nanoagent/orchestrator/testing')).join())`
    const options = ['--conditions=nanoagent-source', '--input-type=module', '--eval', code]
    const cwd = join(import.meta.dirname, '..', '..')
    const { stdout } = await promisify(execFile)(process.execPath, options, { cwd })
    expect(stdout).toBe('checkRecordedRuns\n')
  })
})
