import { createReadStream } from 'node:fs'
import {
  lstat,
  mkdtempDisposable,
  readdir,
  readFile,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createOfflineModel,
  defineAgent,
  defineTeam,
  type Model,
  passwordTeam,
  type Team,
  to,
} from '@nanoagent/agents'
import { createMemoryJournal, exportRuns, readExport } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { recordFile } from '../../test/recorded-files.ts'
import { Answered, Asked, answerTeam, echo } from '../../test/teams.ts'
import {
  checkRuns,
  createOrchestrator,
  runFiles,
  type UpdateRunsOptions,
  updateRuns,
} from '../index.ts'

const folderOfRuns = () => mkdtempDisposable(join(tmpdir(), 'nanoagent-update-'))

/** Records runs of the team that answers, with these ids. */
async function recordAnswers(path: string, ...runIds: readonly string[]): Promise<void> {
  const requests = runIds.map((runId) => [`why ${runId}?`, { runId }] as const)
  await recordFile(path, { team: answerTeam(), model: echo, requests })
}

/** A team that answers as the other does, but for the runs whose question has this word. */
const teamThatWhispers = (word: string) =>
  answerTeam({ edit: (text) => (text.includes(word) ? text : text.toUpperCase()) })

/** Checks a folder, and records anew what has diverged. */
async function update(
  path: string,
  team: Team,
  options: Partial<UpdateRunsOptions> & { readonly model?: Model } = {},
) {
  const { model = echo, passphrase, ...others } = options
  const files = await runFiles(path)
  const secrets = passphrase === undefined ? {} : { passphrase }
  const { runs } = await checkRuns({ files, team, ...secrets })
  const updated = await updateRuns({ files, runs, by: { team, model }, ...secrets, ...others })
  const after = await checkRuns({ files: await runFiles(path), team, ...secrets })
  return { updated, after }
}

describe('recording anew', () => {
  it('changes the runs that have diverged, and no other file', async () => {
    await using folder = await folderOfRuns()
    const at = (name: string) => join(folder.path, name)
    await recordAnswers(at('a.jsonl'), 'loud', 'soft', 'last')
    await recordAnswers(at('b.jsonl'), 'other')
    const [a, b] = await Promise.all([readFile(at('a.jsonl'), 'utf8'), stat(at('b.jsonl'))])

    const { updated, after } = await update(folder.path, teamThatWhispers('soft'))

    expect(after.counts).toEqual({ identical: 4, diverged: 0, not_replayable: 0, unreadable: 0 })
    expect(updated).toMatchObject([{ file: 'a.jsonl', runId: 'soft', line: 10 }])
    const [, edited, end] = updated[0]?.diff?.messages ?? []
    expect(edited?.kind).toBe('same')
    expect(end?.fields).toMatchObject([
      { path: 'data.text', before: 'ECHO WHY SOFT?', after: 'echo why soft?' },
    ])
    const lines = (text: string) => text.split('\n').filter((line) => line.includes('"runId":"l'))
    expect(lines(await readFile(at('a.jsonl'), 'utf8'))).toEqual(lines(a))
    const { ino, mtimeMs } = await stat(at('b.jsonl'))
    expect({ ino, mtimeMs }).toEqual({ ino: b.ino, mtimeMs: b.mtimeMs })
    expect((await readdir(folder.path)).filter((name) => name.includes('part'))).toEqual([])
  })

  it('keeps the seed, the time, the limits and what is said about a run', async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'runs.jsonl')
    const requests = [['why?', { runId: 'run', maxHops: 7, metadata: { by: 'me' } }]] as const
    await recordFile(path, { team: answerTeam(), model: echo, requests })
    const opened = async () => {
      const [, opening = '', root = ''] = (await readFile(path, 'utf8')).split('\n')
      const { seed, limits, about, at } = JSON.parse(opening)
      return { seed, limits, about, at, metadata: JSON.parse(root).message.metadata }
    }
    const before = await opened()

    const { updated } = await update(path, teamThatWhispers('why'))

    expect(updated[0]?.reason).toBeUndefined()
    const { at, ...others } = await opened()
    expect({ ...before, at: 0 }).toEqual({ ...others, at: 0 })
    expect(at - before.at).toBeLessThan(1_000)
  })

  it('asks a model only what it was not asked before', async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'runs.jsonl')
    await recordAnswers(path, 'one')
    const prompts: string[] = []
    const model: Model = {
      ...echo,
      generate(request, options) {
        prompts.push(request.instructions)
        return echo.generate(request, options)
      },
    }
    const instructed = (instructions: string): Team => {
      const team = teamThatWhispers('one')
      return { ...team, agents: team.agents.map((agent) => ({ ...agent, instructions })) }
    }

    await update(path, instructed('Writes.'), { model })
    expect(prompts).toEqual([])
    await update(path, instructed('Be brief.'), { model })

    expect(prompts).toEqual(['Be brief.'])
  })

  it('seals the secrets of a file again where they were sealed', async () => {
    await using folder = await folderOfRuns()
    const team = passwordTeam()
    const model = createOfflineModel(team.agents)
    const passphrase = 'open sesame'
    const path = join(folder.path, 'sealed.jsonl')
    await recordFile(path, { team, model, passphrase, requests: [['a PIN', { runId: 'pin' }]] })
    const agents = team.agents.map((agent) => ({ ...agent, instructions: 'Be quick.' }))

    const { updated, after } = await update(path, { ...team, agents }, { model, passphrase })

    expect(updated[0]?.reason).toBeUndefined()
    expect(after.counts.identical).toBe(1)
    const text = await readFile(path, 'utf8')
    expect(text).toContain('"cipher":"aes-256-gcm"')
    expect(text).toContain('"sealed":"')
  })

  it('leaves a run as it was that needs secrets which its file does not have', async () => {
    await using folder = await folderOfRuns()
    const team = passwordTeam()
    const model = createOfflineModel(team.agents)
    const path = join(folder.path, 'bare.jsonl')
    await recordFile(path, { team, model, requests: [['a PIN', { runId: 'pin' }]] })
    const before = await readFile(path, 'utf8')
    const agents = team.agents.map((agent) => ({ ...agent, instructions: 'Be quick.' }))

    const { updated } = await update(path, { ...team, agents }, { model })

    expect(updated).toMatchObject([
      {
        runId: 'pin',
        reason:
          'the values of its secrets are not in this file, and it needs them: export the run again --with-secrets',
      },
    ])
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  it('leaves a run as it was that would end worse, or differently each time', async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'runs.jsonl')
    await recordAnswers(path, 'one')
    const before = await readFile(path, 'utf8')
    let count = 0
    const failing = answerTeam({ edit: () => Promise.reject(new Error('no ink')) })
    const fickle = answerTeam({ edit: (text) => `${text} ${count++}` })

    const worse = await update(path, failing)
    const different = await update(path, fickle)

    expect(worse.updated[0]?.reason).toContain('it is failed now:')
    expect(different.updated[0]?.reason).toBe(
      'it is not replayed alike when it is new: it is another message',
    )
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  it('leaves a file as it was that is broken, or when it is stopped', async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'runs.jsonl')
    await recordAnswers(path, 'one', 'two')
    const whole = await readFile(path, 'utf8')
    const cut = whole.slice(0, whole.lastIndexOf('{"end"'))
    const team = teamThatWhispers('one')

    await writeFile(path, cut)
    const { updated } = await update(path, team)
    expect(await readFile(path, 'utf8')).toBe(cut)
    await writeFile(path, whole)
    const stopped = update(path, team, { signal: AbortSignal.abort(new Error('stop')) })
    await expect(stopped).rejects.toThrow('stop')

    expect(updated).toMatchObject([
      { runId: 'one', reason: 'its file cannot be read to its end: mend that first' },
    ])
    expect(await readFile(path, 'utf8')).toBe(whole)
    expect((await readdir(folder.path)).filter((name) => name.includes('part'))).toEqual([])
  })

  it('writes what a link leads to', async () => {
    await using folder = await folderOfRuns()
    await using elsewhere = await folderOfRuns()
    const real = join(elsewhere.path, 'runs.jsonl')
    const link = join(folder.path, 'runs.jsonl')
    await recordAnswers(real, 'one')
    await symlink(real, link)

    const { after } = await update(folder.path, teamThatWhispers('one'))

    expect(after.counts.identical).toBe(1)
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect(await readFile(real, 'utf8')).toContain('echo why one?')
  })

  it('knows what earlier runs of the thread have remembered', async () => {
    await using folder = await folderOfRuns()
    const counting = (mark: string) => {
      const counter = defineAgent({
        role: 'counter',
        description: 'Numbers its answers.',
        accepts: [Asked],
        emits: [to('coordinator', Answered)],
        async handle({ data }, ctx) {
          const number = ((await ctx.memory.get('number', z.int())) ?? 0) + 1
          ctx.memory.set('number', number)
          ctx.handoff('coordinator', Answered, { text: `${number}${mark} ${data}` })
        },
      })
      const entry = to('counter', Asked)
      return defineTeam({ name: 'counting', agents: [counter], entry, terminal: Answered })
    }
    const path = join(folder.path, 'thread.jsonl')
    const thread = 'counting'
    const requests = [['a', { thread }] as const, ['b', { thread }] as const]
    await recordFile(path, { team: counting('.'), model: echo, requests })

    const { updated, after } = await update(path, counting(')'))

    expect(after.counts.identical).toBe(2)
    const texts = updated.map(({ diff }) => diff?.messages[1]?.fields.map(({ after }) => after))
    expect(texts).toEqual([['1) a'], ['2) b']])
  })
})

/** Runs a question, forks it as often as there are data, each from the one before, and exports these runs. */
async function recordForks(
  path: string,
  forks: readonly { readonly at: string; readonly data?: unknown }[],
  exported = 'fork-1',
) {
  const journal = createMemoryJournal()
  await using orchestrator = createOrchestrator({ team: answerTeam(), model: echo, journal })
  let runId = 'fork-0'
  await orchestrator.run('why?', { runId })
  for (const [index, { at, data }] of forks.entries()) {
    const options = { at: `${runId}${at}`, runId: `fork-${index + 1}`, data }
    await (await orchestrator.fork(runId, options)).result
    runId = options.runId
  }
  const lines: string[] = []
  await exportRuns(journal, [exported], (line) => lines.push(line))
  await writeFile(path, lines.join(''))
}

/** The records of a file. */
async function recordsIn(path: string) {
  const runs = await Array.fromAsync(readExport(() => createReadStream(path)))
  return runs.flatMap(({ records }) => records)
}

describe('recording a fork anew', () => {
  const quiet = answerTeam({ edit: (text) => text })
  const told = (team: Team, instructions: string): Team => ({
    ...team,
    agents: team.agents.map((agent) => ({ ...agent, instructions })),
  })

  it('keeps what it has changed, and where it comes from', async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'fork.jsonl')
    await recordForks(path, [{ at: '.h', data: { text: 'Because.' } }])
    const [before] = await recordsIn(path)

    const { updated, after } = await update(path, told(quiet, 'Be brief.'))

    expect(updated).toMatchObject([{ runId: 'fork-1', diff: { isSame: false } }])
    expect(after.counts.identical).toBe(1)
    const [opening, ...records] = await recordsIn(path)
    const about = { at: expect.any(Number), seq: 1, about: expect.anything() }
    expect(opening).toEqual({ ...before, ...about })
    const messages = records.filter((record) => record.kind === 'message')
    expect(messages.map(({ message, original }) => [message.data, original])).toEqual([
      ['why?', undefined],
      [{ text: 'Because.' }, { text: 'echo why?' }],
      [{ text: 'Because.' }, undefined],
    ])
  })

  it('asks a model only what neither the run nor its fork was asked before', async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'fork.jsonl')
    await recordForks(path, [{ at: '', data: 'who?' }])
    const prompts: (string | undefined)[] = []
    const model: Model = {
      ...echo,
      generate(request, options) {
        prompts.push(request.messages.at(-1)?.content)
        return echo.generate(request, options)
      },
    }

    const { after } = await update(path, quiet, { model })

    // What the parent was asked about its own first message is in no record of the fork.
    expect(prompts).toEqual(['why?'])
    expect(after.counts.identical).toBe(1)
  })

  it('makes one that had changed nothing, and secrets that are sealed', async () => {
    await using folder = await folderOfRuns()
    const team = passwordTeam()
    const model = createOfflineModel(team.agents)
    const passphrase = 'open sesame'
    const path = join(folder.path, 'fork.jsonl')
    const journal = createMemoryJournal()
    await using orchestrator = createOrchestrator({ team, model, journal })
    await orchestrator.run('always 24 characters', { runId: 'parent', thread: 'bank' })
    const fork = await orchestrator.fork('parent', { at: 'parent.h.h', runId: 'fork' })
    await fork.result
    const lines: string[] = []
    await exportRuns(journal, ['fork'], (line) => lines.push(line), { passphrase })
    await writeFile(path, lines.join(''))
    const agents = team.agents.map((agent) => ({ ...agent, instructions: 'Be quick.' }))

    const { updated, after } = await update(path, { ...team, agents }, { model, passphrase })

    expect(updated[0]?.reason).toBeUndefined()
    expect(after.counts.identical).toBe(1)
  })

  it('leaves one as it was whose message is not there any more, or whose parent was another fork', async () => {
    await using folder = await folderOfRuns()
    const path = join(folder.path, 'fork.jsonl')
    const failing = answerTeam({ edit: () => Promise.reject(new Error('no ink')) })
    await recordForks(path, [{ at: '.h.h', data: { text: 'Because.' } }])
    const gone = await update(path, told(failing, 'Be brief.'))
    const forks = [
      { at: '.h', data: { text: 'Because.' } },
      { at: '.h.h', data: { text: 'So.' } },
    ]
    await recordForks(path, forks, 'fork-2')
    const twice = await update(path, told(quiet, 'Be brief.'))

    expect(gone.updated[0]?.reason).toBe(
      'run fork-0 cannot be forked: it has no message fork-0.h.h; fork a run of today in its place',
    )
    expect(twice.updated[0]?.reason).toBe(
      'run fork-1 cannot be forked: it was a fork itself, with another message changed; fork a run of today in its place',
    )
    expect(twice.after.counts.diverged).toBe(1)
  })
})
