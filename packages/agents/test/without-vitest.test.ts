import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** Runs a test of Node's own runner in a process in which nobody can load vitest. */
function runWithoutVitest(testing: string, body: string) {
  const code = `
    import { registerHooks } from 'node:module'
    import test from 'node:test'
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier.includes('vitest')) throw new Error('vitest is asked for')
        return next(specifier, context)
      },
    })
    const kit = await import('${testing}')
    const { passwordTeam } = await import('@nanoagent/agents')
    test('works', async () => {${body}})`
  const options = ['--conditions=nanoagent-source', '--input-type=module', '--eval', code]
  return run(process.execPath, options, { cwd: join(import.meta.dirname, '..') })
}

it('the test kit works in a test of node:test, where vitest is not installed', {
  timeout: 60_000,
}, async () => {
  const { stdout } = await runWithoutVitest(
    '@nanoagent/agents/testing',
    `const result = await kit.runTeam(passwordTeam(), 'a PIN')
     kit.expectPath(result, ['planner', 'implementer', 'tester', 'coordinator'])
     await kit.checkDeterminism(result)`,
  )

  expect(stdout).toMatch(/ pass 1$/m)
})

it('which another subpath, that needs vitest, shows', { timeout: 60_000 }, async () => {
  await expect(runWithoutVitest('@nanoagent/bus/testing', '')).rejects.toThrow(
    'vitest is asked for',
  )
})
