import {
  appendFile,
  mkdir,
  mkdtempDisposable,
  readFile,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createOfflineModel, defineAgent, defineTeam, passwordTeam, to } from '@nanoagent/agents'
import { defineMessage, InvalidOptionError, NotReplayableError } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { recordFile } from '../../test/recorded-files.ts'
import { Answered, Asked, answerTeam, echo } from '../../test/teams.ts'
import {
  type CheckedRun,
  checkRuns,
  describeCheckedRun,
  type ReplayDivergence,
  runFiles,
} from '../index.ts'

const folderOfRuns = () => mkdtempDisposable(join(tmpdir(), 'nanoagent-check-'))

/** What came of each run, in short. */
function inShort({ file, line, runId, status }: CheckedRun): string {
  return `${file}:${line ?? '-'} ${runId ?? '-'} ${status}`
}

/** Records runs of the team that answers, with these ids. */
async function recordAnswers(path: string, ...runIds: readonly string[]): Promise<void> {
  const requests = runIds.map((runId) => [`why ${runId}?`, { runId }] as const)
  await recordFile(path, { team: answerTeam(), model: echo, requests })
}

/** A team that numbers its answers, from one run of a thread to the next. */
function countingTeam() {
  const counter = defineAgent({
    role: 'counter',
    description: 'Numbers its answers.',
    accepts: [Asked],
    emits: [to('coordinator', Answered)],
    async handle({ data }, ctx) {
      const number = ((await ctx.memory.get('number', z.int())) ?? 0) + 1
      ctx.memory.set('number', number)
      ctx.handoff('coordinator', Answered, { text: `${number}. ${data}` })
    },
  })
  const entry = to('counter', Asked)
  return defineTeam({ name: 'counting', agents: [counter], entry, terminal: Answered })
}

describe('a check of recorded runs', () => {
  it('replays every run of every file of a folder and of those in it', async () => {
    await using folder = await folderOfRuns()
    await mkdir(join(folder.path, 'more'))
    await recordAnswers(join(folder.path, 'b.jsonl'), 'b1', 'b2')
    await recordAnswers(join(folder.path, 'more', 'a.jsonl'), 'a1')
    await writeFile(join(folder.path, 'notes.txt'), 'no runs')
    const told: string[] = []

    const report = await checkRuns({
      files: await runFiles(folder.path),
      // The first takes longest.
      team: answerTeam({
        async edit(text) {
          if (text.includes('b1')) await setTimeout(50)
          return text.toUpperCase()
        },
      }),
      onRun: (run, counts) => told.push(`${run.runId} ${counts.identical}`),
    })

    expect(report.counts).toEqual({ identical: 3, diverged: 0, not_replayable: 0, unreadable: 0 })
    expect(report.isComplete).toBe(true)
    expect(report.runs.map(inShort)).toEqual([
      'b.jsonl:2 b1 identical',
      'b.jsonl:10 b2 identical',
      'more/a.jsonl:2 a1 identical',
    ])
    expect(told).toEqual(['b1 1', 'b2 2', 'a1 3'])
  })

  it('says where a run first does something else, and goes on', async () => {
    await using folder = await folderOfRuns()
    await recordAnswers(join(folder.path, 'runs.jsonl'), 'first', 'second')
    const team = answerTeam({
      edit: (text) => (text.includes('first') ? text : text.toUpperCase()),
    })

    const { runs, counts } = await checkRuns({ files: await runFiles(folder.path), team })

    expect(counts).toMatchObject({ diverged: 1, identical: 1 })
    expect(runs[0]).toMatchObject({
      status: 'diverged',
      runId: 'first',
      divergence: { role: 'editor', why: 'other_message', what: 'message' },
    })
  })

  it('checks the others where a file is broken, and what stands before that in it', async () => {
    await using folder = await folderOfRuns()
    const at = (name: string) => join(folder.path, name)
    await recordAnswers(at('broken.jsonl'), 'one', 'two')
    await recordAnswers(at('cut.jsonl'), 'cut')
    await recordAnswers(at('good.jsonl'), 'good')
    const [broken, cut] = await Promise.all(
      ['broken.jsonl', 'cut.jsonl'].map((name) => readFile(at(name), 'utf8')),
    )
    const lines = broken?.split('\n') ?? []
    await writeFile(at('broken.jsonl'), lines.with(10, '{"kind":').join('\n'))
    await writeFile(at('cut.jsonl'), `${cut?.split('\n').slice(0, -2).join('\n')}\n`)
    await writeFile(at('empty.jsonl'), '')
    await writeFile(at('other.jsonl'), '{"level":"info"}\n')

    const report = await checkRuns({ files: await runFiles(folder.path), team: answerTeam() })

    expect(report.counts).toMatchObject({ identical: 2, unreadable: 4 })
    expect(report.runs.map(inShort)).toEqual([
      'broken.jsonl:2 one identical',
      'broken.jsonl:11 - unreadable',
      'cut.jsonl:- - unreadable',
      'empty.jsonl:- - unreadable',
      'good.jsonl:2 good identical',
      'other.jsonl:1 - unreadable',
    ])
    expect(report.runs[2]?.reason).toBe(
      'the end is missing: it was cut off, so export the runs again',
    )
  })

  it('follows links, and says where one leads nowhere', async () => {
    await using folder = await folderOfRuns()
    await using elsewhere = await folderOfRuns()
    await recordAnswers(join(elsewhere.path, 'real.jsonl'), 'real')
    await mkdir(join(elsewhere.path, 'folder.jsonl'))
    await symlink(join(elsewhere.path, 'real.jsonl'), join(folder.path, 'a.jsonl'))
    await symlink(join(elsewhere.path, 'none.jsonl'), join(folder.path, 'b.jsonl'))
    await symlink(join(elsewhere.path, 'folder.jsonl'), join(folder.path, 'c.jsonl'))

    const { runs } = await checkRuns({ files: await runFiles(folder.path), team: answerTeam() })

    expect(runs.map(inShort)).toEqual(['a.jsonl:2 real identical', 'b.jsonl:- - unreadable'])
    expect(runs[1]?.reason).toContain('ENOENT')
  })

  it('takes the team that is found for each run, and says why there is none', async () => {
    await using folder = await folderOfRuns()
    await recordAnswers(join(folder.path, 'runs.jsonl'), 'known', 'strange')
    const files = await runFiles(folder.path)

    const { runs } = await checkRuns({
      files,
      team({ runId }) {
        if (runId === 'known') return answerTeam()
        throw new NotReplayableError(runId, 'nobody knows it')
      },
    })
    const ofOthers = await checkRuns({ files, team: passwordTeam() })

    expect(runs.map(({ status }) => status)).toEqual(['identical', 'not_replayable'])
    expect(runs[1]?.reason).toBe('nobody knows it')
    expect(ofOthers.runs[0]?.reason).toBe("team 'answers' made it, this is 'password'")
    const bug = checkRuns({ files, team: () => JSON.parse('{') })
    await expect(bug).rejects.toBeInstanceOf(SyntaxError)
  })

  it('uses secrets that are sealed, and says which are missing', async () => {
    await using folder = await folderOfRuns()
    const team = passwordTeam()
    const requests = [['a PIN', { runId: 'pin' }]] as const
    const options = { team, model: createOfflineModel(team.agents), requests }
    const passphrase = 'open sesame'
    await recordFile(join(folder.path, 'bare.jsonl'), options)
    await recordFile(join(folder.path, 'sealed.jsonl'), { ...options, passphrase })
    const files = await runFiles(folder.path)

    const known = await checkRuns({ files, team, passphrase: () => Promise.resolve(passphrase) })
    const wrong = await checkRuns({ files, team, passphrase: 'sesame' })
    const without = await checkRuns({ files, team, isWithoutSecrets: true })

    expect(known.runs.map(({ status }) => status)).toEqual(['not_replayable', 'identical'])
    expect(known.runs[0]?.reason).toMatch(/^secret:\S+ has no value here/)
    expect(wrong.runs[1]?.reason).toContain('the passphrase is not the one')
    expect(without.counts.not_replayable).toBe(2)
    await expect(
      checkRuns({ files, team, passphrase: () => Promise.reject(new Error('no terminal')) }),
    ).rejects.toThrow('no terminal')
  })

  it('knows what earlier runs of the file have remembered', async () => {
    await using folder = await folderOfRuns()
    const thread = 'counting'
    const team = countingTeam()
    const path = join(folder.path, 'thread.jsonl')
    await recordFile(path, {
      team,
      model: echo,
      requests: [
        ['a', { thread }],
        ['b', { thread }],
      ],
    })

    const { runs } = await checkRuns({ files: await runFiles(path), team })

    expect(runs.map(({ status }) => status)).toEqual(['identical', 'identical'])
  })

  it('is refused where it would check nothing, or cannot be made so', async () => {
    await using folder = await folderOfRuns()
    await recordAnswers(join(folder.path, 'runs.jsonl'), 'one')
    const files = await runFiles(folder.path)
    const team = answerTeam()

    for (const atOnce of [0, -1, 1.5, Number.NaN]) {
      await expect(checkRuns({ files, team, atOnce })).rejects.toThrow(
        `atOnce is ${atOnce}: expected a whole number from 1`,
      )
    }
    const impatient = checkRuns({ files, team, patienceMs: -1 })
    await expect(impatient).rejects.toBeInstanceOf(InvalidOptionError)
  })

  it('ends early, with what it has checked by then', async () => {
    await using folder = await folderOfRuns()
    await recordAnswers(join(folder.path, 'runs.jsonl'), 'one', 'two', 'three')
    const stop = new AbortController()

    const report = await checkRuns({
      files: await runFiles(folder.path),
      team: answerTeam(),
      atOnce: 1,
      signal: stop.signal,
      onRun: ({ runId }) => runId === 'two' && stop.abort(),
    })

    expect(report.isComplete).toBe(false)
    expect(report.runs.map(({ runId }) => runId)).toEqual(['one', 'two'])
  })

  it('keeps of each run that has diverged only so much, with the place where it differs', async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'runs.jsonl')
    const long = 'word '.repeat(4_000)
    const requests = [[long, { runId: 'long' }]] as const
    await recordFile(path, { team: answerTeam(), model: echo, requests })
    const files = await runFiles(path)
    const told = (instructions: string) => {
      const team = answerTeam()
      return { ...team, agents: team.agents.map((agent) => ({ ...agent, instructions })) }
    }
    const ends = answerTeam({ edit: (text) => `${text.toUpperCase()}!` })

    const { runs: prompted } = await checkRuns({ files, team: told(`Writes.${long}`) })
    const { runs: edited } = await checkRuns({ files, team: ends })

    const size = JSON.stringify([prompted, edited]).length
    expect(size).toBeLessThan(8_000)
    expect(prompted[0]?.divergence).toMatchObject({
      why: 'prompt_changed',
      expected: { stepKind: 'model', name: 'echo' },
      differences: [{ path: 'request.instructions', before: 'Writes.' }],
    })
    const [, field, before, after] = edited.flatMap((run) => describeCheckedRun(run))
    expect(field).toBe('  data.text:')
    expect(before).toMatch(/^ {4}expected: "…(WORD )+"$/)
    expect(after).toMatch(/^ {4}actual: {3}"…(WORD )+!"$/)
  })

  it('counts the fields that differ and are not kept', async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'runs.jsonl')
    const numbered = (add: number) => {
      const numbers = defineMessage('numbers', z.array(z.number()))
      const counter = defineAgent({
        role: 'counter',
        description: 'Counts.',
        accepts: [Asked],
        emits: [to('coordinator', numbers)],
        handle(_message, ctx) {
          ctx.handoff(
            'coordinator',
            numbers,
            Array.from({ length: 30 }, (_, number) => number + add),
          )
        },
      })
      return defineTeam({
        name: 'numbers',
        agents: [counter],
        entry: to('counter', Asked),
        terminal: numbers,
      })
    }
    await recordFile(path, { team: numbered(0), model: echo, requests: [['go']] })

    const { runs } = await checkRuns({ files: await runFiles(path), team: numbered(1) })

    expect(runs[0]?.divergence?.differences).toHaveLength(20)
    const [checked] = runs
    expect(checked?.status === 'diverged' && checked.moreFields).toBeGreaterThanOrEqual(10)
    expect(runs.flatMap((run) => describeCheckedRun(run)).at(-1)).toMatch(/^ {2}and 2\d more$/)
  })

  it('has a reason or a divergence as its status says', () => {
    const of = (run: CheckedRun) => {
      if (run.status === 'diverged') expectTypeOf(run.divergence).toEqualTypeOf<ReplayDivergence>()
      if (run.status === 'unreadable') expectTypeOf(run.reason).toEqualTypeOf<string>()
      return run.status
    }

    expect(of({ file: 'a', status: 'identical', durationMs: 0 })).toBe('identical')
    // @ts-expect-error one that has diverged says where
    expect(of({ file: 'a', status: 'diverged', durationMs: 0 })).toBe('diverged')
  })

  it('keeps little of each run, however many there are', { timeout: 120_000 }, async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'many.jsonl')
    await recordAnswers(path, 'one')
    const [head = '', ...records] = (await readFile(path, 'utf8')).trim().split('\n')
    const one = `${records.slice(0, -1).join('\n')}\n`
    await writeFile(path, `${head}\n`)
    const count = 2_000
    // Each with something that only it has, as long as ten records.
    const padding = 'x'.repeat(5_000)
    for (let number = 0; number < count; number++) {
      const text = one
        .replaceAll('why one?', `why ${padding}?`)
        .replaceAll('WHY ONE?', `WHY ${padding.toUpperCase()}?`)
      await appendFile(path, text.replaceAll(/\bone\b/g, `run-${number}`))
    }
    await appendFile(path, `{"end":{"runs":${count},"records":${count * (records.length - 1)}}}\n`)
    let most = 0
    const before = process.memoryUsage().heapUsed

    const { counts } = await checkRuns({
      files: await runFiles(path),
      team: answerTeam(),
      onRun: () => {
        most = Math.max(most, process.memoryUsage().heapUsed - before)
      },
    })

    expect(counts.identical).toBe(count)
    expect(most).toBeLessThan(150_000_000)
  })
})
