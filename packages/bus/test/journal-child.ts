import { openJournal } from '../src/sqlite/open-journal.ts'
import { log, opening } from '../src/testing/contract/drafts.ts'

/** What a test asks a process of its own to do with a journal. */
export type Command =
  | { readonly name: 'open'; readonly path: string }
  /** Opens a run, and appends so many lines to it, each by itself. */
  | { readonly name: 'write'; readonly runId: string; readonly lines: number }
  | { readonly name: 'acquire'; readonly runId: string }

// A process that opens one journal, and does what it is told until its parent is gone.
let journal: ReturnType<typeof openJournal> | undefined

async function obey(command: Command): Promise<unknown> {
  if (command.name === 'open') {
    journal = openJournal(command.path)
    await journal
    return true
  }
  const open = await journal
  if (open === undefined) throw new Error('no journal is open')
  const { runId } = command
  const owner = `owner-${process.pid}`
  if (command.name === 'acquire') return open.acquire(runId, owner)
  const lease = { runId, epoch: 1, owner }
  await open.append(opening(runId), lease)
  const lines = Array.from({ length: command.lines }, (_none, index) => index + 1)
  await Promise.all(lines.map((number) => open.append([log(runId, number)], lease)))
  return true
}

process.on('message', (command: Command) => {
  obey(command).then(
    (result) => process.send?.({ result: result ?? null }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
