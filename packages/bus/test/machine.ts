import type { Runtime } from '../src/runtime.ts'
import type { Host } from '../src/sqlite/host.ts'

/** A machine on which a test decides which processes live. */
export interface Machine {
  /** What a process of it knows of it. */
  process(pid: number): Host
  /** Ends a process. */
  kill(pid: number): void
}

/** What tells one machine from another. */
export interface MachineOptions {
  readonly name?: string
  /** Which time it was booted. */
  readonly boot?: string
  /** Where the numbers of its processes mean something. */
  readonly space?: string
}

/** A machine that was booted when the runtime began. */
export function createMachine(runtime: Runtime, options: MachineOptions = {}): Machine {
  const { name = 'here', boot = 'boot-1', space = 'space-1' } = options
  const dead = new Set<number>()
  return {
    process: (pid) => ({
      self: { host: name, boot, space, pid, started: '1' },
      uptime: () => runtime.elapsed(),
      isAlive: (other) => !dead.has(other.pid),
      isOwnerAlive: () => true,
    }),
    kill: (pid) => void dead.add(pid),
  }
}
