import type { Environment } from '../configuration.ts'
import { EXIT } from '../exit-status.ts'
import { type Interruption, stopWhenUnread } from '../interruption.ts'
import type { Output } from '../screen/output.ts'
import type { Keeping } from './command-line.ts'

/** What keeping a journal takes. */
export interface KeepSettings {
  readonly env: Environment
  readonly output: Output
  readonly interruption: Interruption
}

/** Does what was asked for with the journal; gives the exit status. */
export async function keep(keeping: Keeping, settings: KeepSettings): Promise<number> {
  const { output, interruption } = settings
  stopWhenUnread(interruption, output)
  try {
    return await act(keeping, settings)
  } catch (error) {
    // That is no interruption to tell of.
    if (output.closed.aborted) return EXIT.brokenPipe
    throw error
  }
}

async function act(keeping: Keeping, settings: KeepSettings): Promise<number> {
  switch (keeping.name) {
    case 'export': {
      const { exportTo } = await import('./export.ts')
      return await exportTo(keeping, settings)
    }
    case 'import': {
      const { importFrom } = await import('./import.ts')
      return await importFrom(keeping, settings)
    }
    case 'prune': {
      const { prune } = await import('./prune.ts')
      return await prune(keeping.flags, settings)
    }
    case 'verify': {
      const { verify } = await import('./verify.ts')
      return await verify(keeping.flags, settings)
    }
    case 'backup': {
      const { backup } = await import('./backup.ts')
      return await backup(keeping, settings)
    }
  }
}
