import type { z } from 'zod'
import { NotJsonError } from '../data.ts'
import { describe, ImportError } from '../errors.ts'
import { RunCheck } from '../journals/run-check.ts'
import { assertKnownVersion, recordSchema } from '../record-schema.ts'
import type { RecordDraft } from '../records.ts'
import { Secret } from '../secret.ts'
import { EXPORT_VERSION, footerSchema, type Header, headerSchema } from './format.ts'
import { type Line, linesOf } from './lines.ts'
import { openSealing, type SealingKey } from './passphrase.ts'
import { fromWritten, type Unseal } from './written-data.ts'

/** A run as it was written, checked. */
export interface WrittenRun {
  readonly runId: string
  readonly records: RecordDraft[]
  readonly hasEnded: boolean
  /** The line of its first record. */
  readonly line: number
}

/** Opens what `exportRuns` has written from its beginning, each time that it is called. */
export type OpenExport = () => AsyncIterable<Uint8Array>

/** How secrets are read. */
export interface SecretsOptions {
  /** Opens the values of secrets; a function is only called where some are sealed. */
  readonly passphrase?: string | (() => Promise<string>)
  /** Leaves the values of secrets out, where there are some. */
  readonly isWithoutSecrets?: boolean
}

/**
 * Reads runs, one at a time, in their order. Throws an `ImportError` where a line is not as `exportRuns`
 * writes it, where a record does not follow from those before, and where something is missing.
 */
export class ExportReader {
  readonly #open: OpenExport
  readonly #options: SecretsOptions
  #unseal: Promise<Unseal> | undefined

  constructor(open: OpenExport, options: SecretsOptions) {
    this.#open = open
    this.#options = options
  }

  async *runs(): AsyncGenerator<WrittenRun> {
    const problem = (line: number, what: string) => new ImportError(what, line)
    const lines = linesOf(this.#open(), problem)
    const unseal = await this.#readHeader((await lines.next()).value)
    const known = new Set<string>()
    let run: { readonly written: WrittenRun; readonly check: RunCheck } | undefined
    let records = 0
    for await (const line of lines) {
      const value = parseJson(line)
      if (isObject(value) && 'end' in value) {
        if (run !== undefined) yield wholeRun(run, line.number)
        checkEnd(value, { runs: known.size, records }, line)
        await assertOver(lines)
        return
      }
      const record = recordIn(value, unseal, line)
      records++
      if (run?.check.runId !== record.runId) {
        if (run !== undefined) yield wholeRun(run, line.number)
        const { runId } = record
        if (known.has(runId)) throw new ImportError(`run ${runId} is there twice`, line.number)
        known.add(runId)
        run = {
          written: { runId, records: [], hasEnded: false, line: line.number },
          check: new RunCheck(runId),
        }
      }
      const found = run.check.problemOf(record)
      if (found !== undefined) throw new ImportError(found, line.number)
      run.written.records.push(record)
    }
    throw new ImportError('the end is missing: it was cut off, so export the runs again')
  }

  async #readHeader(line: Line | undefined): Promise<Unseal> {
    if (line === undefined) throw new ImportError('it is empty: name a file of nanoagent export')
    const { secrets } = headerIn(line)
    this.#unseal ??= this.#unsealFor(secrets)
    return await this.#unseal
  }

  async #unsealFor(secrets: Header['secrets']): Promise<Unseal> {
    const { passphrase, isWithoutSecrets = false } = this.#options
    if (secrets === null) {
      return () => {
        throw new NotJsonError('a value is sealed, but the first line says that none is')
      }
    }
    if (isWithoutSecrets) return () => undefined
    if (passphrase === undefined) {
      throw new ImportError('its secrets are sealed: give the passphrase, or leave them out', 1)
    }
    const given = typeof passphrase === 'string' ? passphrase : await passphrase()
    const key = await openSealing(given, secrets)
    if (key === undefined) {
      throw new ImportError('the passphrase is not the one that its secrets are sealed with', 1)
    }
    return (sealed, handle) => openSecret(key, sealed, handle)
  }
}

/** How the secrets of an export are sealed; `null` where none is. Throws an `ImportError` where it is none. */
export async function sealingOf(open: OpenExport): Promise<Header['secrets']> {
  for await (const line of linesOf(open(), (number, what) => new ImportError(what, number))) {
    return headerIn(line).secrets
  }
  return null
}

function openSecret(key: SealingKey, sealed: string, handle: string): string {
  const text = key.open(sealed, handle)
  const value: unknown = text === undefined ? undefined : JSON.parse(text)
  if (typeof value === 'string') return value
  throw new NotJsonError(`the value of ${handle} was changed after it was sealed`)
}

function headerIn(line: Line): Header {
  const value = parseJson(line)
  if (!isObject(value) || value.nanoagent !== 'export') {
    throw new ImportError('no export of nanoagent begins so: name a file of nanoagent export', 1)
  }
  const { version } = value
  if (typeof version === 'number' && version > EXPORT_VERSION) {
    const written = `written in version ${version} of the format, this is for version ${EXPORT_VERSION}`
    throw new ImportError(`${written}: update nanoagent`, 1)
  }
  assertFits(headerSchema, value, line)
  return value
}

function recordIn(value: unknown, unseal: Unseal, line: Line): RecordDraft {
  assertKnownVersion(value)
  let data: unknown
  try {
    data = fromWritten(value, unseal)
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error
    const { path, message } = error.issue
    throw new ImportError(path === '' ? message : `${path}: ${message}`, line.number)
  }
  assertFits(recordSchema(), data, line)
  // Its number is still to come.
  for (const part of Object.values(data)) freezeDeep(part)
  return data
}

function wholeRun(
  { written, check }: { readonly written: WrittenRun; readonly check: RunCheck },
  line: number,
): WrittenRun {
  const missing = check.missing()
  if (missing !== undefined) throw new ImportError(missing, line)
  return { ...written, hasEnded: check.hasEnded }
}

function checkEnd(
  value: unknown,
  counted: { readonly runs: number; readonly records: number },
  line: Line,
): void {
  assertFits(footerSchema, value, line)
  const { end } = value
  if (end.runs === counted.runs && end.records === counted.records) return
  throw new ImportError(
    `the end counts ${end.records} records of ${end.runs} runs, but there are ` +
      `${counted.records} of ${counted.runs}: lines are missing or too many`,
    line.number,
  )
}

/** Blank lines, as editors leave them, are nothing. */
async function assertOver(lines: AsyncIterable<Line>): Promise<void> {
  for await (const { number, text } of lines) {
    if (text.trim() !== '') throw new ImportError('something follows the end', number)
  }
}

function parseJson({ number, text }: Line): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ImportError(`no JSON (${describe(error).slice(0, 100)})`, number)
  }
}

/** The value itself is used, with its entries in their order. */
function assertFits<T>(schema: z.ZodType<T>, value: unknown, line: Line): asserts value is T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  throw new ImportError(`${where}${issue?.message ?? 'not as it should be'}`, line.number)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return
  for (const part of Object.values(value)) freezeDeep(part)
  Object.freeze(value)
}
