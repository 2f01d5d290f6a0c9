import type { Environment } from '../configuration.ts'
import { EXIT } from '../exit-status.ts'
import { type Interruption, stopWhenUnread } from '../interruption.ts'
import { openForReading } from '../journal-choice.ts'
import type { Output } from '../screen/output.ts'
import { type Paint, paintFor } from '../screen/paint.ts'
import type { Reading } from './command-line.ts'
import { interruptible } from './interruptible.ts'

/** What reading a journal takes. */
export interface ReadSettings {
  readonly reading: Reading
  readonly env: Environment
  readonly output: Output
  readonly interruption: Interruption
}

/** What is shown where, and from when on it is as old as it looks. */
export interface Screen {
  readonly output: Output
  readonly paint: Paint
  /** Epoch milliseconds. */
  readonly now: number
}

/** Reads the journal and shows what was asked for; gives the exit status. */
export async function read(settings: ReadSettings): Promise<number> {
  const { output, interruption } = settings
  stopWhenUnread(interruption, output)
  try {
    return await show(settings)
  } catch (error) {
    // That is no interruption to tell of.
    if (output.closed.aborted) return EXIT.brokenPipe
    throw error
  }
}

async function show({ reading, env, output, interruption }: ReadSettings): Promise<number> {
  const { signal } = interruption
  await using opened = await openForReading({ flags: reading.flags, env, output })
  const journal = interruptible(opened, signal)
  const screen = { output, paint: paintFor(process.stdout, reading.flags), now: Date.now() }
  switch (reading.name) {
    case 'runs': {
      const { showRuns } = await import('./runs.ts')
      await showRuns(journal, reading.flags, screen)
      return EXIT.pass
    }
    case 'show': {
      const { showRun } = await import('./show.ts')
      await showRun(journal, reading, screen)
      return EXIT.pass
    }
    case 'trace': {
      const { showTrace } = await import('./trace.ts')
      await showTrace(journal, reading, screen)
      return EXIT.pass
    }
    case 'diff': {
      const { showDiff } = await import('./diff.ts')
      return (await showDiff(journal, reading, screen)) ? EXIT.pass : EXIT.failed
    }
    case 'dead-letters': {
      const { showDeadLetters } = await import('./dead-letters.ts')
      await showDeadLetters(journal, reading.flags, screen)
      return EXIT.pass
    }
    case 'stats': {
      const { showStats } = await import('./stats.ts')
      await showStats(journal, reading.flags, screen)
      return EXIT.pass
    }
    case 'tail': {
      const { tail } = await import('./tail.ts')
      await tail(opened, reading, { ...screen, signal })
      // Ctrl-C is how it ends.
      const { exitStatus } = interruption
      return exitStatus === undefined || exitStatus === EXIT.interrupted ? EXIT.pass : exitStatus
    }
  }
}
