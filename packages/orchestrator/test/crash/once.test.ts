import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { startLife } from './life.ts'
import type { Orders } from './orders.ts'
import { packProgram } from './packed.ts'
import { readJournal } from './past-life.ts'
import { createPlayer } from './player.ts'
import { offlineModel } from './undisturbed.ts'

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const team = 'errands'
const baseUrl = 'http://127.0.0.1:1/v1'
const model = offlineModel(team)
const packed = await packProgram()
afterAll(() => packed[Symbol.dispose](), 60_000)

/** The appends of a run that pays: its opening, the intent, the result, its settlement and end. */
const KILLS: readonly (NonNullable<Orders['dies']> & { readonly comes: string })[] = [
  { append: 1, moment: 'stored', comes: 'done, paid once' },
  { append: 2, moment: 'before', comes: 'done, paid once' },
  { append: 2, moment: 'stored', comes: 'outcome_unknown, paid never' },
  { append: 3, moment: 'before', comes: 'outcome_unknown, paid once' },
  { append: 3, moment: 'stored', comes: 'done, paid once' },
  { append: 4, moment: 'before', comes: 'done, paid once' },
]

describe('a tool that is called once, in a process that is killed', () => {
  it.each(KILLS)('$moment append $append: $comes', async ({ append, moment, comes }) => {
    const folder = join(packed.folder, `${append}-${moment}`)
    mkdirSync(folder)
    const file = join(folder, 'journal.db')
    const effects = join(folder, 'effects')
    const life = startLife(packed, {
      ...{ journal: file, baseUrl, name: 'first', seed: '', team, effects },
      begin: [{ runId: 'run', text: 'pay' }],
      dies: { append, moment },
    })
    expect(await life.end).toBe('SIGKILL')
    {
      await using journal = await openJournal(file)
      await using player = createPlayer(team, { journal, model, effects, seedOf: () => '' })
      await (await player.resume('run')).result
    }
    const { records, problems } = await readJournal(file)
    expect(problems).toEqual([])
    const settled = records.find(({ kind }) => kind === 'settle')
    const outcome = settled?.kind === 'settle' ? (settled.reason ?? settled.outcome) : 'none'
    const paid = existsSync(effects) ? readFileSync(effects, 'utf8') : ''
    const times = { '': 'never', 'paid the baker\n': 'once' }[paid] ?? 'again'
    expect(`${outcome}, paid ${times}`).toBe(comes)
  })
})

it('a message that kills its process is dead as crashed, and the others of that process complete', async () => {
  const folder = join(packed.folder, 'killer')
  mkdirSync(folder)
  const journal = join(folder, 'journal.db')
  const orders = { journal, baseUrl, seed: '', team, effects: join(folder, 'effects') } as const
  const texts = ['walk', 'walk on', 'die', 'walk back', 'pay']
  const begin = texts.map((text) => ({ runId: text.replace(' ', '-'), text }))
  const ends: unknown[] = []
  for (const name of ['first', 'second', 'third', 'fourth']) {
    const more = name === 'first' ? { begin } : { resumes: true }
    ends.push(await startLife(packed, { ...orders, name, ...more }).end)
  }
  expect(ends).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', 0])
  const { records, problems } = await readJournal(journal)
  expect(problems).toEqual([])
  const statuses = records.flatMap((record) =>
    record.kind === 'run.ended' ? [[record.runId, record.status] as const] : [],
  )
  expect(Object.fromEntries(statuses)).toEqual({
    ...{ walk: 'completed', 'walk-on': 'completed', die: 'failed' },
    ...{ 'walk-back': 'completed', pay: 'completed' },
  })
  const dead = records.filter(({ kind, runId }) => kind === 'settle' && runId === 'die')
  expect(dead).toMatchObject([{ outcome: 'dead', reason: 'crashed', error: { code: 'crashed' } }])
})
