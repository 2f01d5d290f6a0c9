import type { Environment } from '../configuration.ts'
import { EXIT } from '../exit-status.ts'
import { type Interruption, stopWhenUnread } from '../interruption.ts'
import type { Output } from '../screen/output.ts'
import type { Replaying } from './command-line.ts'

/** What replaying takes. */
export interface ReplaySettings {
  readonly env: Environment
  readonly output: Output
  readonly interruption: Interruption
}

/** Replays what was asked for; gives the exit status. */
export async function replay(replaying: Replaying, settings: ReplaySettings): Promise<number> {
  const { output, interruption } = settings
  stopWhenUnread(interruption, output)
  try {
    return await act(replaying, settings)
  } catch (error) {
    // That is no interruption to tell of.
    if (output.closed.aborted) return EXIT.brokenPipe
    throw error
  }
}

async function act(replaying: Replaying, settings: ReplaySettings): Promise<number> {
  switch (replaying.name) {
    case 'run': {
      const { replayOne } = await import('./replay-one.ts')
      return await replayOne(replaying, settings)
    }
    case 'agent': {
      const { replayRole } = await import('./replay-role.ts')
      return await replayRole(replaying, settings)
    }
    case 'check': {
      const { checkPath } = await import('../checking/check-path.ts')
      return await checkPath(replaying.flags, settings)
    }
  }
}
