import { join } from 'node:path'
import { builtInTeams, createOfflineModel, type Model } from '@nanoagent/agents'
import { createBus, defineMessage, type Secret, secretsIn } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { createOrchestrator } from '@nanoagent/orchestrator'
import { z } from 'zod'
import { temporaryFolder } from './spawn-cli.ts'

/** A journal in a file with runs in it, and what they were. */
export interface RecordedJournal extends Disposable {
  readonly path: string
  /** Ids of the runs, the oldest first. */
  readonly passed: string
  readonly failed: string
  readonly open: string
  /** Values of secrets in it. */
  readonly secrets: readonly string[]
}

const Asked = defineMessage('question.asked', z.object({ text: z.string() }))
const Answered = defineMessage('question.answered', z.string())

/** Records a run of the full password team, one whose model is down, and one that is under way. */
export async function recordJournal(): Promise<RecordedJournal> {
  const folder = temporaryFolder()
  const path = join(folder.path, 'journal.db')
  await using journal = await openJournal(path)
  const team = builtInTeams['password-full']()
  const model = createOfflineModel(team.agents)
  const secrets: Secret[] = []
  const run = async (used: Model, prompt: string, thread: string) => {
    await using orchestrator = createOrchestrator({
      team,
      model: used,
      journal,
      delivery: { attempts: 2, backoffMs: 0 },
    })
    const { runId, history } = await orchestrator.run(prompt, { thread })
    for (const { data } of history) secrets.push(...secretsIn(data))
    return runId
  }
  const passed = await run(model, 'A password of 24 characters for server admin', 'work')
  const down: Model = {
    ...model,
    generate: () => Promise.reject(new Error('the endpoint is down')),
  }
  const failed = await run(down, 'A PIN of 6 digits\nfor Zürich', 'home')
  return {
    path,
    passed,
    failed,
    open: await recordOpenRun(path),
    secrets: secrets.map((secret) => secret.reveal()),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

async function recordOpenRun(path: string): Promise<string> {
  await using journal = await openJournal(path)
  await using bus = createBus({ journal })
  const isBegun = Promise.withResolvers<void>()
  bus.subscribe('worker', {
    accepts: [Asked],
    handle(_message, ctx) {
      isBegun.resolve()
      return new Promise((_resolve, reject) => {
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))
      })
    },
  })
  const data = { text: 'How long does it take?' }
  const run = bus.publish('worker', Asked, data, { terminal: Answered })
  run.result.catch(() => {})
  await isBegun.promise
  return run.id
}
