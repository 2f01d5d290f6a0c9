import { createCipheriv, randomBytes, scryptSync } from 'node:crypto'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createBus } from '../bus.ts'
import { SecretValueError } from '../errors.ts'
import type { Journal } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { RunCheck } from '../journals/run-check.ts'
import { defineMessage } from '../message-type.ts'
import type { JournalRecord, RecordDraft } from '../records.ts'
import { Secret, secret, secretsIn } from '../secret.ts'
import { simulate } from '../testing/simulation/simulate-seed.ts'
import { createVirtualRuntime } from '../testing/virtual-runtime.ts'
import { exportRuns } from './export-runs.ts'
import { readExport } from './exported-runs.ts'
import { importRuns } from './import-runs.ts'
import { fromWritten, toWritten } from './written-data.ts'

const PASSPHRASE = 'correct horse battery staple'

async function recordsOf(journal: Journal): Promise<JournalRecord[]> {
  return await Array.fromAsync(journal.read())
}

async function runIdsOf(journal: Journal): Promise<string[]> {
  const entries = await Array.fromAsync(journal.runs())
  return entries.map(({ runId }) => runId)
}

/** What a journal holds, run by run, without the numbers that are its own. */
async function contentOf(journal: Journal): Promise<Map<string, unknown[]>> {
  const byRun = new Map<string, unknown[]>()
  for (const { seq: _, ...record } of await recordsOf(journal)) {
    byRun.set(record.runId, [...(byRun.get(record.runId) ?? []), record])
  }
  return byRun
}

async function written(journal: Journal, passphrase?: string): Promise<string> {
  let text = ''
  await exportRuns(
    journal,
    (await runIdsOf(journal)).reverse(),
    (line) => {
      text += line
    },
    passphrase === undefined ? {} : { passphrase },
  )
  return text
}

function opened(text: string, pieceBytes = 65_536): () => AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text)
  return async function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
}

/** A journal in which runs of generated teams have left their records. */
async function simulated(seed: number): Promise<Journal> {
  let left: Journal | undefined
  const store = (journal: Journal) => {
    left = journal
    return journal
  }
  await simulate(seed, { sabotage: { store } })
  if (left === undefined) throw new Error('the simulation has no journal')
  return left
}

/** The first records of each run, as a process leaves them that ends there. */
async function cutOff(journal: Journal, part: number): Promise<Journal> {
  const left = createMemoryJournal()
  for (const [runId, records] of await contentOf(journal)) {
    const most = Math.max(2, Math.ceil(records.length * part))
    const check = new RunCheck(runId)
    const drafts: RecordDraft[] = []
    // What a settlement has published is in the same append.
    for (const record of (await recordsOf(journal)).filter((one) => one.runId === runId)) {
      if (drafts.length >= most && check.missing() === undefined) break
      drafts.push({ ...record })
      check.problemOf(record)
    }
    await left.append(drafts, { runId, epoch: 1, owner: 'cut off' })
  }
  return left
}

const Asked = defineMessage('asked', z.object({ pin: secret() }))
const Answered = defineMessage('answered', z.object({ pins: z.array(secret()) }))

/** A journal with one run in a thread that has secrets everywhere. */
async function secretive(): Promise<Journal> {
  const journal = createMemoryJournal()
  await using bus = createBus({ journal })
  bus.subscribe('keeper', {
    accepts: [Asked],
    async handle({ data }, ctx) {
      const made = await ctx.step({
        kind: 'tool',
        name: 'make',
        request: { like: data.pin },
        perform: () => new Secret('step-5533'),
      })
      await ctx.step({ name: 'wave', request: 'hand', perform: () => undefined })
      ctx.memory.set('last', { pin: made })
      await ctx.memory.fingerprint(made)
      ctx.log('made {pin}', { pin: made })
      ctx.handoff('coordinator', Answered, { pins: [data.pin, made] })
    },
  })
  const run = bus.publish(
    'keeper',
    Asked,
    { pin: 'root-8821' },
    { terminal: Answered, thread: 'bank', about: { team: 'keepers' } },
  )
  await run.result
  return journal
}

describe('exporting and importing', () => {
  test.prop([fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true })], {
    numRuns: 15,
  })('gives the same records, of runs that have ended and of open ones', async (seed, part) => {
    const journal = await cutOff(await simulated(seed), part)
    const target = createMemoryJournal()

    const report = await importRuns(target, opened(await written(journal), 997))

    expect(await contentOf(target)).toEqual(await contentOf(journal))
    const entries = await Array.fromAsync(journal.runs())
    expect(await Array.fromAsync(target.runs())).toEqual(entries)
    expect(report).toEqual({
      runs: entries.length,
      records: (await recordsOf(journal)).length,
      open: entries.filter(({ status }) => status === 'open').length,
      known: 0,
      fingerprints: 0,
    })
    for (const { runId, status } of entries) {
      if (status === 'open') expect(await target.acquire(runId, 'me')).toMatchObject({ runId })
    }
  })

  it('keeps secrets with a passphrase', async () => {
    const journal = await secretive()
    const text = await written(journal, PASSPHRASE)
    const target = createMemoryJournal()

    await importRuns(target, opened(text), { passphrase: PASSPHRASE })

    const values = secretsIn(await recordsOf(target)).map((one) => [one.handle, one.reveal()])
    expect(values).toEqual(
      secretsIn(await recordsOf(journal)).map((one) => [one.handle, one.reveal()]),
    )
    expect(new Set(values.map(([, value]) => value))).toEqual(new Set(['root-8821', 'step-5533']))
    expect(text).not.toMatch(/root-8821|step-5533/)
  })

  it('leaves handles alone without one', async () => {
    const journal = await secretive()
    const text = await written(journal)
    const target = createMemoryJournal()

    await importRuns(target, opened(text))

    const secrets = secretsIn(await recordsOf(target))
    expect(secrets.map(({ handle }) => handle)).toEqual(
      secretsIn(await recordsOf(journal)).map(({ handle }) => handle),
    )
    for (const one of secrets) expect(() => one.reveal()).toThrow(SecretValueError)
    expect(text).not.toMatch(/root-8821|step-5533/)

    const runIds = (await Array.fromAsync(target.runs())).map(({ runId }) => runId)
    const report = await exportRuns(target, runIds, () => {}, { passphrase: PASSPHRASE })
    expect(report.withoutValue).toBe(new Set(secrets.map(({ handle }) => handle)).size)
    expect(report.withoutValue).toBeLessThan(secrets.length)
  })

  it('says which other runs it needs, and what no run has any more', async () => {
    const runtime = createVirtualRuntime()
    const journal = createMemoryJournal({ runtime })
    const bus = createBus({ journal, runtime })
    const Note = defineMessage('note.given', z.string())
    bus.subscribe('keeper', {
      accepts: [Note],
      async handle({ data }, ctx) {
        await ctx.memory.get('last')
        if (data !== '') ctx.memory.set('last', data)
        ctx.handoff('coordinator', Note, data)
      },
    })
    const ids: string[] = []
    for (const text of ['one', 'two', 'three', '']) {
      const run = bus.publish('keeper', Note, text, { terminal: Note, thread: 'notes' })
      await run.result
      ids.push(run.id)
      runtime.jump(1_000)
    }
    const [one = '', two = '', three = '', last = ''] = ids
    const reported = async (...runIds: readonly string[]) => {
      const { neededRuns, lostMemories } = await exportRuns(journal, runIds, () => {})
      return [neededRuns, lostMemories]
    }
    expect(await reported(one)).toEqual([[], 0])
    // What it needs needs others.
    expect(await reported(last)).toEqual([[one, two, three], 0])
    expect(await reported(two, last)).toEqual([[one, three], 0])
    expect(await reported(one, two, three, last)).toEqual([[], 0])
    // A replay of a file knows what stands before.
    expect(await reported(two, one)).toEqual([[one], 0])
    const fork = await bus.fork(last, { at: last })
    await fork.result
    expect(await reported(fork.id)).toEqual([[one, two, three], 0])
    await journal.memory.forget({ thread: 'notes' })
    expect(await reported(last)).toEqual([[], 1])
  })

  it('keeps thread and memory', async () => {
    const target = createMemoryJournal()
    const text = await written(await secretive(), PASSPHRASE)
    const report = await importRuns(target, opened(text), { passphrase: PASSPHRASE })

    const [entry] = await Array.fromAsync(target.runs())
    expect(entry).toMatchObject({ thread: 'bank', team: 'keepers', status: 'completed' })
    const found = await target.memory.get(
      { role: 'keeper', runId: 'another', thread: 'bank' },
      'last',
    )
    expect(secretsIn(found?.value).map((one) => one.reveal())).toEqual(['step-5533'])
    expect(report.fingerprints).toBe(1)
  })

  // Data never has such a key: `toData` refuses it.
  const jsonValue = fc
    .jsonValue({ noUnicodeString: false })
    .filter((value) => !JSON.stringify(value).includes('"__proto__"'))
  test.prop([jsonValue, fc.string()])(
    'keeps data as it is, whatever its keys',
    (value, password) => {
      const data = { value, $secret: value, $$secret: [new Secret(password).name('secret:run#1')] }
      const sealed: string[] = []
      const seal = (one: Secret) => String(sealed.push(one.reveal()) - 1)

      const text = JSON.stringify(toWritten(data, seal))
      const back = fromWritten(JSON.parse(text), (place) => sealed[Number(place)])

      expect(JSON.stringify(back)).toBe(JSON.stringify(data))
      expect(secretsIn(back).map((one) => one.reveal())).toEqual([password])
    },
  )
})

/** The first line of an export. */
function headerOf(text: string) {
  return JSON.parse(text.slice(0, text.indexOf('\n')))
}

/** What is sealed in an export, in its order. */
function sealedIn(text: string): readonly string[] {
  return [...text.matchAll(/"sealed":"([^"]+)"/g)].map(([, sealed = '']) => sealed)
}

describe('sealed exports', () => {
  it('of one journal share their salt, and nothing else that seals', async () => {
    const [journal, other] = [await secretive(), await secretive()]
    const texts = [await written(journal, PASSPHRASE), await written(journal, PASSPHRASE)]
    const [one, two] = texts.map((text) => headerOf(text).secrets)
    const elsewhere = headerOf(await written(other, PASSPHRASE)).secrets

    expect(two.salt).toBe(one.salt)
    expect(two.ownSalt).not.toBe(one.ownSalt)
    expect(elsewhere.salt).not.toBe(one.salt)
    const sealed = texts.flatMap(sealedIn)
    const nonces = sealed.map((text) => Buffer.from(text, 'base64').toString('hex', 0, 12))
    expect(sealed.length).toBeGreaterThan(10)
    expect(new Set(nonces).size).toBe(sealed.length)
  })

  it('do not open what another one of the same journal has sealed', async () => {
    const journal = await secretive()
    const [one, two] = [await written(journal, PASSPHRASE), await written(journal, PASSPHRASE)]
    const [mine = ''] = sealedIn(one)
    const [theirs = ''] = sealedIn(two)
    const mixed = one.replaceAll(mine, theirs)

    const read = Array.fromAsync(readExport(opened(mixed), { passphrase: PASSPHRASE }))

    await expect(read).rejects.toThrow('was changed after it was sealed')
  })

  it('take over the salt of one that they replace', async () => {
    const before = await written(await secretive(), PASSPHRASE)
    const journal = await secretive()
    const lines: string[] = []
    const options = { passphrase: PASSPHRASE, replaces: opened(before) }
    await exportRuns(journal, await runIdsOf(journal), (line) => lines.push(line), options)

    const { salt, ownSalt } = headerOf(lines.join('')).secrets
    expect(salt).toBe(headerOf(before).secrets.salt)
    expect(ownSalt).not.toBe(headerOf(before).secrets.ownSalt)
  })

  it('of version 1, each with a salt of its own, are read', async () => {
    const text = await written(await secretive(), PASSPHRASE)
    const values = (await Array.fromAsync(readExport(opened(text), { passphrase: PASSPHRASE })))
      .flatMap(({ records }) => secretsIn(records))
      .map((one) => [one.handle, one.reveal()] as const)
    const { salt, seal } = sealedAsInVersion1()
    const header = { ...headerOf(text), version: 1 }
    const sealed = { cipher: 'aes-256-gcm', kdf: 'scrypt', cost: 16, blockSize: 8 }
    header.secrets = { ...sealed, parallelization: 1, salt, check: seal('nanoagent', 'check') }
    let number = 0
    const old = text
      .replace(/^.*\n/, `${JSON.stringify(header)}\n`)
      .replaceAll(/"sealed":"[^"]+"/g, () => {
        const [handle = '', value = ''] = values[number++] ?? []
        return `"sealed":"${seal(JSON.stringify(value), handle)}"`
      })

    const runs = await Array.fromAsync(readExport(opened(old), { passphrase: PASSPHRASE }))

    const read = runs.flatMap(({ records }) => secretsIn(records))
    expect(read.map((one) => [one.handle, one.reveal()])).toEqual(values)
  })
})

/** How version 1 has sealed: with the key that scrypt gives. */
function sealedAsInVersion1() {
  const salt = randomBytes(16)
  const key = scryptSync(PASSPHRASE, salt, 32, { cost: 16, blockSize: 8, parallelization: 1 })
  return {
    salt: salt.toString('base64'),
    seal(value: string, purpose: string): string {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose))
      const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')
    },
  }
}
