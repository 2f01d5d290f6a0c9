import type { Environment } from '../configuration.ts'
import { EXIT } from '../exit-status.ts'
import { type Interruption, stopWhenUnread } from '../interruption.ts'
import { openForChanging, openForReading } from '../journal-choice.ts'
import type { Output } from '../screen/output.ts'
import { paintFor } from '../screen/paint.ts'
import { checkThread } from '../thread-choice.ts'
import type { Remembering } from './command-line.ts'

/** What a command about what is remembered takes. */
export interface RememberSettings {
  readonly env: Environment
  readonly output: Output
  readonly interruption: Interruption
}

/** Lists, shows or forgets what is remembered; gives the exit status. */
export async function remember(
  remembering: Remembering,
  settings: RememberSettings,
): Promise<number> {
  const { output, interruption } = settings
  stopWhenUnread(interruption, output)
  try {
    await act(remembering, settings)
    return EXIT.pass
  } catch (error) {
    // That is no interruption to tell of.
    if (output.closed.aborted) return EXIT.brokenPipe
    throw error
  }
}

async function act(remembering: Remembering, settings: RememberSettings): Promise<void> {
  const { env, output, interruption } = settings
  const { flags } = remembering
  if (remembering.name !== 'threads' && remembering.flags.thread !== undefined) {
    checkThread(remembering.flags.thread)
  }
  const screen = { output, paint: paintFor(process.stdout, flags), now: Date.now() }
  if (remembering.name === 'forget') {
    await using journal = await openForChanging({ flags, env, output })
    const { forget } = await import('./forget.ts')
    await forget(journal, remembering, { ...screen, signal: interruption.signal })
    return
  }
  await using journal = await openForReading({ flags, env, output })
  switch (remembering.name) {
    case 'threads': {
      const { showThreads } = await import('./threads.ts')
      return await showThreads(journal, flags, screen)
    }
    case 'list': {
      const { showMemories } = await import('./list.ts')
      return await showMemories(journal, remembering.flags, screen)
    }
    case 'show': {
      const { showMemory } = await import('./show.ts')
      return await showMemory(journal, remembering, screen)
    }
  }
}
