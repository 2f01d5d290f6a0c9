import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from '../prerequisites.mjs'
import { interleave, spread } from '../rounds.mjs'
import { digits, table } from '../table.mjs'

export const name = 'cold-start'
export const summary = 'time of the command line, from its start to its end'

const MAIN = 'packages/cli/dist/main.js'

const COMMANDS = [
  { title: 'node -e 0', args: (_main) => ['-e', '0'] },
  { title: 'nanoagent --help', args: (main) => [main, '--help'] },
  {
    title: 'nanoagent run "Generate a password" --mock',
    args: (main) => [main, 'run', 'Generate a password', '--mock'],
  },
]

/** Milliseconds of each command; or why they could not be measured. */
export async function measure({ quick }) {
  try {
    build('cli', () => {})
  } catch {
    return { skipped: "the command line does not compile: 'pnpm build' says why" }
  }
  const main = join(import.meta.dirname, '..', '..', MAIN)
  if (!existsSync(main)) return { skipped: `there is no ${MAIN}` }
  const cwd = mkdtempSync(join(tmpdir(), 'nanoagent-bench-'))
  try {
    const rounds = quick ? { warmUpRounds: 1, rounds: 5 } : { warmUpRounds: 3, rounds: 25 }
    const samples = await interleave(COMMANDS, rounds, ({ args }) => milliseconds(args(main), cwd))
    return { rows: COMMANDS.map(({ title }, at) => ({ title, ms: spread(samples[at]) })) }
  } catch (error) {
    return { skipped: error.message }
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

function milliseconds(args, cwd) {
  const startedAt = performance.now()
  const { status, stderr, error } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  const tookMs = performance.now() - startedAt
  if (status === 0) return tookMs
  const said = error?.message ?? stderr.trim().split('\n').slice(-5).join('\n')
  throw new Error(`'node ${args.join(' ')}' exited with ${status}: ${said}`)
}

export function report({ skipped, rows }) {
  if (skipped !== undefined) return `Cold start: skipped, ${skipped}`
  const bare = rows[0].ms.median
  return table(
    `Cold start, milliseconds (median of ${rows[0].ms.samples} rounds)`,
    ['', 'ms', 'half of the rounds', 'over bare node'],
    rows.map(({ title, ms }) => [
      title,
      digits(ms.median),
      `${digits(ms.from)} – ${digits(ms.to)}`,
      digits(ms.median - bare),
    ]),
  )
}
