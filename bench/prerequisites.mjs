import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

const BENCH = import.meta.dirname
const ROOT = dirname(BENCH)

/** The pnpm that is used where the benchmark was not started by one. */
const PNPM = 'pnpm@12.21.0'

/** What is compared with, and its versions. */
export function peers() {
  return JSON.parse(readFileSync(join(BENCH, 'package.json'), 'utf8')).dependencies
}

/** Installs what is compared with, unless it is there in the pinned versions. Throws where that fails. */
export function installPeers(progress) {
  const missing = Object.entries(peers()).filter(
    ([name, version]) => installedVersion(name) !== version,
  )
  if (missing.length === 0) return
  progress(`installing into bench/: ${missing.map((peer) => peer.join(' ')).join(', ')}`)
  const { npm_execpath: runner = '', npm_config_user_agent: agent = '' } = process.env
  // A pnpm up to version 11 is a script, a later one a native program.
  const command = !agent.startsWith('pnpm/')
    ? ['npx', '--yes', PNPM]
    : /\.[cm]?js$/.test(runner)
      ? [process.execPath, runner]
      : [runner]
  // No install script is needed; without the last flag pnpm fails over those it does not know.
  const flags = ['--ignore-workspace', '--frozen-lockfile', '--ignore-scripts']
  run([...command, 'install', ...flags], BENCH)
}

/** Compiles a package and those it depends on, where they have changed. Throws where that fails. */
export function build(name, progress) {
  const compiler = join(ROOT, 'node_modules', '.bin', 'tsc')
  if (!existsSync(compiler)) throw new Error(`there is no compiler: run 'pnpm install' first`)
  progress(`building packages/${name}`)
  run([compiler, '-b', join('packages', name)], ROOT)
  const config = join('packages', name, 'rolldown.config.ts')
  if (existsSync(join(ROOT, config))) {
    run([join(ROOT, 'node_modules', '.bin', 'rolldown'), '-c', config], ROOT)
  }
}

function installedVersion(name) {
  const file = join(BENCH, 'node_modules', name, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined
}

/** Runs a command in silence; throws with the end of its output where it fails. */
function run([program, ...args], cwd) {
  // The Node that runs this comes first: npm and pnpm choose versions by the one they find.
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, PATH },
    encoding: 'utf8',
  })
  if (status === 0) return
  const output = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-12).join('\n')
  throw new Error(`'${[program, ...args].join(' ')}' failed: ${error?.message ?? output}`)
}
