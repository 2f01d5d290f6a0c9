import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from '../prerequisites.mjs'
import { interleave, spread } from '../rounds.mjs'
import { digits, table } from '../table.mjs'
import { EMPTY, teamOfThirty } from '../team-of-thirty.mjs'

export const name = 'types'
export const summary = 'time of the compiler for a team of 30 agents'

const MODULES = join(dirname(dirname(import.meta.dirname)), 'node_modules')

/** How many milliseconds more than the empty file the team may take. */
const GOAL_MS = 2_000

const FILES = [
  { title: 'an empty file with the same imports', file: 'empty', source: EMPTY },
  { title: 'a team of 30 agents', file: 'team', source: teamOfThirty() },
]

/** As a consumer of the packages would have it. */
const OPTIONS = {
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  module: 'nodenext',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
}

/** Milliseconds that the compiler takes for each file. */
export async function measure({ quick }) {
  build('agents', () => {})
  // There the packages are found as they are where they are installed.
  const folder = mkdtempSync(join(MODULES, '.nanoagent-bench-'))
  try {
    for (const { file, source } of FILES) {
      writeFileSync(join(folder, `${file}.ts`), source)
      const config = { compilerOptions: OPTIONS, files: [`${file}.ts`] }
      writeFileSync(join(folder, `${file}.json`), JSON.stringify(config))
    }
    const rounds = quick ? { warmUpRounds: 1, rounds: 3 } : { warmUpRounds: 2, rounds: 15 }
    const samples = await interleave(FILES, rounds, ({ file }) => milliseconds(folder, file))
    return { rows: FILES.map(({ title }, at) => ({ title, ms: spread(samples[at]) })) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function milliseconds(folder, file) {
  const startedAt = performance.now()
  const { status, stdout, error } = spawnSync(
    join(MODULES, '.bin', 'tsc'),
    ['-p', join(folder, `${file}.json`)],
    { encoding: 'utf8' },
  )
  const tookMs = performance.now() - startedAt
  if (status === 0) return tookMs
  throw new Error(`${file}.ts does not compile: ${error?.message ?? stdout.split('\n')[0]}`)
}

export function report({ rows }) {
  const [empty, team] = rows.map(({ ms }) => ms.median)
  const measured = table(
    `Type-checking, milliseconds (median of ${rows[0].ms.samples} rounds)`,
    ['', 'ms', 'half of the rounds'],
    rows.map(({ title, ms }) => [
      title,
      digits(ms.median),
      `${digits(ms.from)} – ${digits(ms.to)}`,
    ]),
  )
  const over = team - empty
  const goal = table(
    'Goals',
    ['', 'goal', 'measured', ''],
    [
      [
        'the team − the empty file',
        `≤ ${digits(GOAL_MS)} ms`,
        `${digits(over)} ms`,
        over <= GOAL_MS ? 'met' : `missed by ${digits((over / GOAL_MS - 1) * 100)} %`,
      ],
    ],
  )
  return `${measured}\n\n${goal}`
}
