import { PasswordRejected } from '@nanoagent/agents'
import { COORDINATOR, type JournalRecord, type Message, type SettleRecord } from '@nanoagent/bus'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import { logLine } from './log-line.ts'
import { tidied, unended } from './plain-words.ts'

const PHASES = new Map([
  ['planner', { icon: '📋', title: 'PLANNING' }],
  ['implementer', { icon: '🔧', title: 'IMPLEMENTATION' }],
  ['tester', { icon: '🧪', title: 'TESTING' }],
])

/**
 * Shows a run while it happens: what it returns takes the records in their order and prints a
 * heading for each delivery, a line for each log, and what became of attempts that failed.
 */
export function createProgress(
  print: (line: string) => void,
  paint: Paint,
): (record: JournalRecord) => void {
  let phases = 0
  let attempt = 1
  /** Messages whose handler has said something. */
  const talkative = new Set<string>()

  const say = (role: string, text: string) => {
    print(`  ${paint('cyan', `[${oneLine(role).toUpperCase()}]`)} ${oneLine(text)}`)
  }
  const handedOff = ({ causationId, from, content }: Message) => {
    if (causationId !== undefined && !talkative.has(causationId)) say(from, content)
  }
  const begin = ({ to, type }: Message) => {
    if (to === COORDINATOR) return
    if (type === PasswordRejected.name) attempt++
    const role = oneLine(to)
    const { icon, title } = PHASES.get(role) ?? { icon: '▶', title: role.toUpperCase() }
    print('')
    const again = attempt > 1 ? ` (attempt ${attempt})` : ''
    print(paint('bold', `${icon} PHASE ${++phases}: ${title}${again}`))
  }
  const settled = (record: SettleRecord) => {
    const { role, attempt, outcome, error, at, retryAt } = record
    if (outcome === 'done') return
    talkative.delete(record.messageId)
    const why = unended(tidied(error?.message ?? 'no reason given'))
    if (outcome === 'failed') {
      const waitS = ((retryAt ?? at) - at) / 1_000
      say(role, `Attempt ${attempt} failed: ${why}. Trying again in ${waitS.toFixed(1)} s...`)
    } else say(role, `Failed at attempt ${attempt}. Giving up.`)
  }

  return (record) => {
    if (record.kind === 'log') {
      talkative.add(record.messageId)
      say(record.role, logLine(record))
    } else if (record.kind === 'message') {
      handedOff(record.message)
      begin(record.message)
    } else if (record.kind === 'settle') settled(record)
  }
}
