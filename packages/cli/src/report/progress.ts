import { PasswordRejected } from '@nanoagent/agents'
import type { JournalRecord, Message, SettleRecord } from '@nanoagent/bus'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import { logLine } from './log-line.ts'
import { Phases } from './phases.ts'
import { tidied, unended } from './plain-words.ts'

const PHASES = new Map([
  ['planner', { icon: '📋', title: 'PLANNING' }],
  ['implementer', { icon: '🔧', title: 'IMPLEMENTATION' }],
  ['tester', { icon: '🧪', title: 'TESTING' }],
  ['security-auditor', { icon: '🔍', title: 'SECURITY AUDIT' }],
  ['ux-writer', { icon: '📝', title: 'GUIDANCE' }],
  ['reviewer', { icon: '🏁', title: 'REVIEW' }],
])

/**
 * Shows a run while it happens: what it returns takes the records in their order and prints a heading
 * for each delivery, those of branches that begin together one below the other, a line for each log, and
 * what became of attempts that failed.
 */
export function createProgress(
  print: (line: string) => void,
  paint: Paint,
): (record: JournalRecord) => void {
  const phases = new Phases()
  let count = 0
  let attempt = 1
  let isBelowHeading = false
  /** Messages whose handler has said something. */
  const talkative = new Set<string>()

  const say = (role: string, text: string) => {
    isBelowHeading = false
    print(`  ${paint('cyan', `[${oneLine(role).toUpperCase()}]`)} ${oneLine(text)}`)
  }
  const handedOff = ({ causationId, from, content }: Message) => {
    if (causationId !== undefined && !talkative.has(causationId)) say(from, content)
  }
  const begin = ({ to, type }: Message) => {
    if (type === PasswordRejected.name) attempt++
    const role = oneLine(to)
    const { icon, title } = PHASES.get(role) ?? { icon: '▶', title: role.toUpperCase() }
    if (!isBelowHeading) print('')
    isBelowHeading = true
    const again = attempt > 1 ? ` (attempt ${attempt})` : ''
    print(paint('bold', `${icon} PHASE ${++count}: ${title}${again}`))
  }
  const settled = (record: SettleRecord) => {
    const { role, attempt, outcome, fanOut } = record
    if (fanOut !== undefined) phases.fannedOut(fanOut)
    if (outcome === 'done') return
    talkative.delete(record.messageId)
    if (outcome === 'failed') say(role, failureText(record))
    else if (outcome === 'cancelled') say(role, `Cancelled: ${reasonIn(record)}.`)
    else say(role, `Failed at attempt ${attempt}. Giving up.`)
  }

  return (record) => {
    if (record.kind === 'log') {
      talkative.add(record.messageId)
      say(record.role, logLine(record))
    } else if (record.kind === 'message') {
      if (record.joined === undefined) handedOff(record.message)
      if (phases.begins(record)) begin(record.message)
    } else if (record.kind === 'settle') settled(record)
  }
}

/** Says that an attempt failed, why, and when it is tried again. */
export function failureText(record: SettleRecord): string {
  const { attempt, at, retryAt = at } = record
  const waitS = (retryAt - at) / 1_000
  return `Attempt ${attempt} failed: ${reasonIn(record)}. Trying again in ${waitS.toFixed(1)} s...`
}

function reasonIn({ error }: SettleRecord): string {
  return unended(tidied(error?.message ?? 'no reason given'))
}
