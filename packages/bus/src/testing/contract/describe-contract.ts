import { describe } from 'vitest'
import { validOrRefused } from './01-valid-or-refused.ts'
import { durableBeforeVisible } from './02-durable-before-visible.ts'
import { oneHandler } from './03-one-handler.ts'
import { allOrNothing } from './04-all-or-nothing.ts'
import { onceSteps } from './05-once-steps.ts'
import { stepsAreNotRepeated } from './05-steps-are-not-repeated.ts'
import { order } from './06-order.ts'
import { isolation } from './07-isolation.ts'
import { retries } from './08-retries.ts'
import { deadLetters } from './09-dead-letters.ts'
import { nothingIsSilent } from './10-nothing-is-silent.ts'
import { outcomesAreRecords } from './11-outcomes-are-records.ts'
import { backPressure } from './12-back-pressure.ts'
import { cancel } from './13-cancel.ts'
import { timeLimits } from './13-time-limits.ts'
import { drainAndClose } from './14-drain-and-close.ts'
import { resume } from './15-resume.ts'
import { alone } from './alone.ts'
import { askFailures } from './ask-failures.ts'
import { asks } from './asks.ts'
import { blame } from './blame.ts'
import { insideBranches } from './branches.ts'
import { copies } from './copies.ts'
import type { ContractSubject } from './driver.ts'
import { fanOuts } from './fan-outs.ts'
import { joinPolicies } from './join-policies.ts'
import { journalContract } from './journal-contract.ts'
import { listeners } from './listeners.ts'
import { memory } from './memory.ts'
import { memoryReads } from './memory-reads.ts'
import { memorySearch } from './memory-search.ts'
import { openAsks } from './open-asks.ts'
import { reopen } from './reopen.ts'
import { replies } from './replies.ts'
import { resumeAsks } from './resume-asks.ts'
import { resumeFanOuts } from './resume-fan-outs.ts'
import { resumeTogether } from './resume-together.ts'
import { secrets } from './secrets.ts'
import { worldsOf } from './world.ts'

/**
 * Registers the tests of the delivery contract for one journal and transport. Call it at the top of
 * a vitest file; each test opens its own driver.
 *
 * ```ts
 * describeContract({
 *   name: 'memory journal',
 *   open: () => {
 *     const runtime = createVirtualRuntime()
 *     return { journal: createMemoryJournal({ runtime }), runtime }
 *   },
 * })
 * ```
 */
export function describeContract(subject: ContractSubject): void {
  const open = worldsOf(subject)
  describe(subject.name, () => {
    journalContract(open)
    validOrRefused(open)
    durableBeforeVisible(open)
    oneHandler(open)
    allOrNothing(open)
    stepsAreNotRepeated(open)
    onceSteps(open)
    order(open)
    isolation(open)
    retries(open)
    deadLetters(open)
    nothingIsSilent(open)
    outcomesAreRecords(open)
    backPressure(open)
    cancel(open)
    timeLimits(open)
    drainAndClose(open)
    resume(open)
    reopen(open)
    fanOuts(open)
    joinPolicies(open)
    insideBranches(open)
    asks(open)
    askFailures(open)
    openAsks(open)
    replies(open)
    listeners(open)
    copies(open)
    alone(open)
    blame(open)
    resumeTogether(open)
    resumeFanOuts(open)
    resumeAsks(open)
    secrets(open)
    memory(open)
    memoryReads(open)
    memorySearch(open)
  })
}
