import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, as others that share the journal tell it from all other ones. */
export interface ProcessIdentity {
  /** The name of the machine. */
  readonly host: string
  /** The system that runs there, since it was booted. */
  readonly boot: string
  /** Where its number means something: a namespace of that system. */
  readonly space: string
  readonly pid: number
  /** When it began, in the system's own count; empty where that is not known. */
  readonly started: string
}

/** What a journal knows of the machine that it is on. Tests have their own. */
export interface Host {
  readonly self: ProcessIdentity
  /** Milliseconds since the system booted: the same to all of its processes, and never jumps. */
  uptime(): number
  /** Whether a process of the same boot and space is still there. */
  isAlive(process: ProcessIdentity): boolean
  /** Whether an owner inside this process still lives. */
  isOwnerAlive(owner: string): boolean
}

/** The machine that this process is on. */
export function systemHost(): Host {
  const { pid } = process
  const self = {
    host: hostname(),
    boot: bootId() || hostname(),
    space: link('/proc/self/ns/pid'),
    pid,
    started: stateOf(pid)?.started ?? '',
  }
  return {
    self,
    uptime: () => Number(process.hrtime.bigint() / 1_000_000n),
    isAlive: ({ pid: other, started }) => {
      if (!isThere(other)) return false
      const state = stateOf(other)
      if (state === undefined || started === '') return true
      // Another process may have the number by now, or nobody has asked yet how this one ended.
      return state.started === started && state.code !== 'Z'
    },
    isOwnerAlive: () => true,
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** When a process began, in ticks since the system's boot, and what it does; `undefined` where that is not known. */
function stateOf(pid: number): { readonly started: string; readonly code: string } | undefined {
  try {
    // The second field is the command in brackets, and may have anything in it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [code = ''] = fields
    return { started: fields[19] ?? '', code }
  } catch {
    return undefined
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
