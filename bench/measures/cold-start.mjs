import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { goalTable } from '../goals.mjs'
import { build } from '../prerequisites.mjs'
import { interleave, spread } from '../rounds.mjs'
import { digits, ratio, table } from '../table.mjs'

export const name = 'cold-start'
export const summary = 'time of the command line, from its start to its end'

const MAIN = 'packages/cli/dist/main.js'

/** The commands, and how many times as long as the first each may take. */
const COMMANDS = [
  { title: 'node -e 0', args: (_main) => ['-e', '0'] },
  { title: 'nanoagent --help', args: (main) => [main, '--help'], atMost: 1.5 },
  {
    title: 'nanoagent run "Generate a password" --mock',
    args: (main) => [main, 'run', 'Generate a password', '--mock'],
    atMost: 5,
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
  const folder = mkdtempSync(join(tmpdir(), 'nanoagent-bench-'))
  const run = ({ args }) => milliseconds(args(main), folder)
  try {
    // The first starts fill the compile cache, the warm-up rounds the file system's.
    for (const command of COMMANDS) run(command)
    const cached = compiled(folder)
    const rounds = quick ? { warmUpRounds: 1, rounds: 5 } : { warmUpRounds: 3, rounds: 25 }
    const samples = await interleave(COMMANDS, rounds, run)
    return {
      rows: COMMANDS.map(({ title, atMost }, at) => ({ title, atMost, ms: spread(samples[at]) })),
      cache: { before: cached, after: compiled(folder) },
    }
  } catch (error) {
    return { skipped: error.message }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs Node in the folder, which is also where it keeps its compile cache, as it does by default in `TMPDIR`. */
function milliseconds(args, folder) {
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, ...others } = process.env
  const env = { ...others, TMPDIR: folder, TEMP: folder, TMP: folder }
  const startedAt = performance.now()
  const { status, stderr, error } = spawnSync(process.execPath, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  const tookMs = performance.now() - startedAt
  if (status === 0) return tookMs
  const said = error?.message ?? stderr.trim().split('\n').slice(-5).join('\n')
  throw new Error(`'node ${args.join(' ')}' exited with ${status}: ${said}`)
}

/** How many modules are in the compile cache. */
function compiled(folder) {
  const cache = join(folder, 'node-compile-cache')
  if (!existsSync(cache)) return 0
  return readdirSync(cache, { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
    .length
}

export function report({ skipped, rows, cache }) {
  if (skipped !== undefined) return `Cold start: skipped, ${skipped}`
  const bare = rows[0].ms.median
  const measured = table(
    `Cold start, milliseconds (median of ${rows[0].ms.samples} rounds)`,
    ['', 'ms', 'half of the rounds', 'over bare node', '÷ bare node'],
    rows.map(({ title, ms }) => [
      title,
      digits(ms.median),
      `${digits(ms.from)} – ${digits(ms.to)}`,
      digits(ms.median - bare),
      ratio(ms.median, bare),
    ]),
  )
  const goals = rows.flatMap(({ title, ms, atMost }) =>
    atMost === undefined ? [] : [{ what: title, measured: ms.median / bare, atMost }],
  )
  return `${measured}\n  ${cacheText(cache)}\n\n${goalTable(goals)}`
}

function cacheText({ before, after }) {
  if (before === 0) return 'The compile cache is off: nothing was in it after the first starts.'
  return after === before
    ? `The compile cache was warm: ${before} modules before the rounds, and none more after them.`
    : `The compile cache was not warm: ${before} modules before the rounds, ${after} after them.`
}
