import { strictEqual } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from '../prerequisites.mjs'
import { batchFor, interleave, microsecondsOf, spread } from '../rounds.mjs'
import { digits, ratio, table } from '../table.mjs'
import { temporaryFolder } from '../temporary-folder.mjs'

export const name = 'replay'
export const summary = 'replays beside live runs of three agents, and 10,000 runs checked'
export const flags = ['--expose-gc']

const MAIN = join(import.meta.dirname, '..', '..', 'packages/cli/dist/main.js')
const REQUEST = 'a password of 20 characters for the bank'
const PASSPHRASE = 'only for the benchmark'

/** Runs that are checked by one command. */
const CHECKED = [1_000, 10_000]
const CHECKED_QUICK = [100, 1_000]

/** Runs in one file. */
const IN_FILE = 100

/** Microseconds of a run and of its replay; seconds and memory of a check of so many runs. */
export async function measure({ quick }) {
  build('cli', () => {})
  const runs = await measureRuns(quick)
  const checks = []
  for (const count of quick ? CHECKED_QUICK : CHECKED) checks.push(await measureCheck(count))
  return { runs, checks }
}

/** The packages, which are there once they are built. */
async function packages() {
  const [bus, agents, orchestrator] = await Promise.all(
    ['bus', 'agents', 'orchestrator'].map((of) => import(`../../packages/${of}/dist/index.js`)),
  )
  return { ...bus, ...agents, ...orchestrator }
}

async function measureRuns(quick) {
  const { passwordTeam, createMemoryJournal, createOrchestrator, createOfflineModel, replayRun } =
    await packages()
  const team = passwordTeam()
  const journal = createMemoryJournal({ closedRuns: 10 })
  const model = createOfflineModel(team.agents)
  await using orchestrator = createOrchestrator({ team, model, journal })
  const { runId } = await orchestrator.run(REQUEST)
  const records = await Array.fromAsync(journal.read({ runId }))
  const subjects = [
    { title: 'a live run, offline', once: () => orchestrator.run(REQUEST) },
    {
      title: 'a replay of it',
      async once() {
        const { status } = await replayRun({ team, records, memory: journal.memory })
        strictEqual(status, 'identical')
      },
    },
  ]
  const times = quick ? { sampleMs: 20, warmUpMs: 200 } : { sampleMs: 100, warmUpMs: 2_000 }
  for (const subject of subjects) subject.batch = await batchFor(subject.once, times)
  const rounds = quick ? { warmUpRounds: 0, rounds: 5 } : { warmUpRounds: 1, rounds: 20 }
  const samples = await interleave(subjects, rounds, ({ once, batch }) =>
    microsecondsOf(once, batch),
  )
  return subjects.map(({ title }, at) => ({ title, us: spread(samples[at]) }))
}

/** Checks a folder of so many recorded runs by the real command. */
async function measureCheck(count) {
  using folder = temporaryFolder()
  await record(count, folder)
  const program = ['--eval', PEAK, MAIN, 'replay', '--check', folder.file('runs'), '--json']
  const env = { ...process.env, NANOAGENT_PASSPHRASE: PASSPHRASE, PEAK_FILE: folder.file('peak') }
  const startedAt = performance.now()
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const [status] = await once(child, 'exit')
  const seconds = (performance.now() - startedAt) / 1_000
  strictEqual(status, 0, 'a recorded run is not replayed alike')
  return { count, seconds, peakMiB: Number(readFileSync(folder.file('peak'), 'utf8')) / 1_024 }
}

/** Runs the command line, and writes down at the end how much memory it has had at most, in KiB. */
const PEAK = `
  process.on('exit', () => {
    require('node:fs').writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS))
  })
  import(require('node:url').pathToFileURL(process.argv[1]).href)
`

async function record(count, folder) {
  const { passwordTeam, createMemoryJournal, createOrchestrator, createOfflineModel, exportRuns } =
    await packages()
  mkdirSync(folder.file('runs'))
  const team = passwordTeam()
  const journal = createMemoryJournal({ closedRuns: IN_FILE })
  const about = {
    command: { name: 'run', mode: 'mock', team: 'password', with: [], retries: 2, roles: {} },
  }
  await using orchestrator = createOrchestrator({
    team,
    model: createOfflineModel(team.agents),
    journal,
    about,
  })
  for (let first = 0; first < count; first += IN_FILE) {
    const runs = Array.from({ length: Math.min(IN_FILE, count - first) }, () =>
      orchestrator.run(REQUEST),
    )
    const ids = (await Promise.all(runs)).map(({ runId }) => runId)
    const file = createWriteStream(join(folder.file('runs'), `${first}.jsonl`))
    await exportRuns(journal, ids, (line) => void file.write(line), { passphrase: PASSPHRASE })
    file.end()
    await once(file, 'close')
  }
}

export function report({ runs, checks }) {
  const [live] = runs
  return [
    table(
      `A run of three agents, microseconds (median of ${live.us.samples} rounds)`,
      ['', 'µs', 'half of the rounds', 'a second', '÷ live'],
      runs.map(({ title, us }) => [
        title,
        digits(us.median),
        `${digits(us.from)} – ${digits(us.to)}`,
        digits(1_000_000 / us.median),
        ratio(us.median, live.us.median),
      ]),
    ),
    '',
    table(
      'nanoagent replay --check, one command',
      ['', 'seconds', 'runs a second', 'memory at most, MiB'],
      checks.map(({ count, seconds, peakMiB }) => [
        `${count.toLocaleString('en-US')} runs`,
        digits(seconds),
        digits(count / seconds),
        digits(peakMiB),
      ]),
    ),
  ].join('\n')
}
