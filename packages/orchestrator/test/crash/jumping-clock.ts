import { type Runtime, systemRuntime } from '@nanoagent/bus'

/** The real world, whose wall clock alone can be told to jump. */
export interface JumpingRuntime extends Runtime {
  jump(ms: number): void
}

export function jumpingRuntime(): JumpingRuntime {
  let offset = 0
  return {
    ...systemRuntime,
    now: () => systemRuntime.now() + offset,
    jump(ms) {
      offset += ms
    },
  }
}
