import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fc, test } from '@fast-check/vitest'
import type { Model } from '@nanoagent/agents'
import { createMemoryJournal, DEFAULTS, exportRuns, importRuns } from '@nanoagent/bus'
import { openJournal, type SqliteJournal } from '@nanoagent/bus/sqlite'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import {
  type Action,
  chattyModel,
  executions,
  type Stage,
  steadyModel,
  type TeamPlan,
  teamOf,
  teamPlan,
} from '../test/generated-team.ts'
import { createOrchestrator, type ReplayReport, replayAgent, replayRun } from './index.ts'

let folder = ''
let journal: SqliteJournal
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
  journal = await openJournal(join(folder, 'journal.db'))
})
afterAll(async () => {
  await journal.close()
  await rm(folder, { recursive: true })
})

/** Records a run of a team in a file; gives its id. */
async function record(
  plan: TeamPlan,
  thread: string,
  model: Model = chattyModel(),
): Promise<string> {
  const team = teamOf(plan)
  await using orchestrator = createOrchestrator({ team, model, journal })
  const { runId } = await orchestrator.run({ text: 'go', key: 'first-key' }, { thread })
  await orchestrator.drain()
  return runId
}

function shown({ status, reason, divergence }: ReplayReport): unknown {
  return divergence === undefined ? { status, reason } : divergence
}

describe('generated teams', () => {
  test.prop([teamPlan, fc.nat()], { numRuns: 40 })(
    'are replayed alike from a file, with what earlier runs of the thread remember',
    async (plan, seed) => {
      const thread = `thread-${seed}`
      const runIds = [await record(plan, thread), await record(plan, thread)]
      const before = executions()

      for (const runId of runIds) {
        const report = await replayRun({ team: teamOf(plan), journal, runId, attempts: 'all' })
        expect(shown(report)).toEqual({ status: 'identical' })
      }
      expect(executions()).toBe(before)
    },
    120_000,
  )

  test.prop([teamPlan, fc.nat(), fc.boolean()], { numRuns: 40 })(
    'do the same agent by agent, from the record and with the same model anew',
    async (plan, seed, isLive) => {
      const thread = `agents-${seed}`
      const steady = steadyModel()
      const runs = [await record(plan, thread, steady), await record(plan, thread, steady)]
      const { agents, listeners } = teamOf(plan)
      const [before, last] = [executions(), await journal.lastSeq()]
      const model = isLive ? { model: steady } : {}

      for (const agent of [...agents, ...listeners]) {
        for await (const replay of replayAgent({ agent, journal, runs, ...model })) {
          const { status, reason, changes } = replay
          if (status !== 'skipped')
            expect({ status, reason, changes }).toEqual({ status: 'same', changes: [] })
        }
      }
      expect([executions(), await journal.lastSeq()]).toEqual([before, last])
    },
    120_000,
  )

  test.prop([teamPlan, fc.nat(), fc.boolean()], { numRuns: 4 })(
    'are replayed alike after they were exported and imported, with their secrets and without',
    async (plan, seed, hasSecrets) => {
      const thread = `moving-${seed}`
      const runIds = [await record(plan, thread), await record(plan, thread)]
      const passphrase = hasSecrets ? { passphrase: 'long enough' } : {}
      const lines: string[] = []
      await exportRuns(journal, runIds, (line) => lines.push(line), passphrase)
      const other = createMemoryJournal()
      await importRuns(
        other,
        () => Readable.from(lines.map((line) => Buffer.from(line))),
        passphrase,
      )

      for (const runId of runIds) {
        const report = await replayRun({ team: teamOf(plan), journal: other, runId })
        expect(shown(report)).toEqual({ status: 'identical' })
      }
    },
    120_000,
  )

  test.prop([teamPlan, fc.nat(), fc.nat()], { numRuns: 60 })(
    'of which one does something else are found out, at that place',
    async (plan, stage, at) => {
      const changed = changePlan(plan, stage, at)
      fc.pre(changed !== undefined)
      const runId = await record(plan, 'changes')

      const report = await replayRun({ team: teamOf(changed.plan), journal, runId })

      const reached = report.deliveries.some(
        ({ role, status }) => role === changed.role && status !== 'skipped',
      )
      if (reached)
        expect(report).toMatchObject({ status: 'diverged', divergence: { role: changed.role } })
    },
    120_000,
  )
})

/** The same plan with one action of one stage changed; `undefined` where nothing of that could be seen. */
function changePlan(
  plan: TeamPlan,
  stage: number,
  at: number,
): { readonly plan: TeamPlan; readonly role: string } | undefined {
  const index = stage % plan.stages.length
  const stages = plan.stages.map((one, place) => (place === index ? changeStage(one, at) : one))
  const { actions = [], failures = 0 } = plan.stages[index] ?? {}
  const changed = actions[at % actions.length]
  // Who is dead has written nothing into memory.
  if (changed === undefined || (failures >= DEFAULTS.attempts && isOnlySet(changed)))
    return undefined
  return { plan: { ...plan, stages }, role: `stage-${index}` }
}

function isOnlySet(action: Action): boolean {
  return action.kind === 'together' ? action.actions.every(isOnlySet) : action.kind === 'set'
}

function changeStage(stage: Stage, at: number): Stage {
  const index = at % stage.actions.length
  return {
    ...stage,
    actions: stage.actions.map((one, place) => (place === index ? changeAction(one) : one)),
  }
}

function changeAction(action: Action): Action {
  return action.kind === 'together'
    ? { ...action, actions: action.actions.map(changeAction) }
    : { ...action, text: `${action.text}!` }
}
