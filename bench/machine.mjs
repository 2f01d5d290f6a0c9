import { spawnSync } from 'node:child_process'
import os from 'node:os'
import { dirname } from 'node:path'
import { peers } from './prerequisites.mjs'

/** Where and when the results were measured. */
export function circumstances() {
  return {
    date: new Date().toISOString(),
    ...commit(),
    node: process.version,
    peers: peers(),
    machine: {
      platform: `${os.platform()} ${os.arch()}`,
      processor: os.cpus()[0]?.model.trim() ?? 'unknown',
      processors: os.availableParallelism(),
      memoryGib: Math.round(os.totalmem() / 2 ** 30),
      load: os.loadavg()[0],
    },
  }
}

/** The commit that was measured, and whether files differ from it; nothing where there is no git. */
function commit() {
  const git = (...args) => {
    const { status, stdout } = spawnSync('git', args, {
      cwd: dirname(import.meta.dirname),
      encoding: 'utf8',
    })
    return status === 0 ? stdout.trim() : undefined
  }
  const hash = git('rev-parse', 'HEAD')
  return hash === undefined
    ? {}
    : { commit: hash, isModified: git('status', '--porcelain', '--', 'packages') !== '' }
}
