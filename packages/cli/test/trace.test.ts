import { join } from 'node:path'
import { causalGraph, type OtlpTraces, sequenceDiagram } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli, temporaryFolder } from './spawn-cli.ts'

describe('recorded runs', { timeout: 60_000 }, () => {
  const folder = temporaryFolder()
  const cwd = folder.path
  const passwords: string[] = []
  const read = (...args: readonly string[]) => runCli(args, { cwd })

  beforeAll(async () => {
    for (const prompt of [
      'a password of 20 characters',
      'a PIN of 6 digits',
      'a PIN of 6 digits',
    ]) {
      const { stdout } = await read('--mock', '--json', '--journal', 'journal.db', prompt)
      passwords.push(JSON.parse(stdout).context.implementation.password)
    }
  }, 60_000)
  afterAll(() => folder[Symbol.dispose]())

  const journal = ['--journal', 'journal.db']

  it('are shown as a tree, or in time', async () => {
    const tree = await read('trace', 'last~2', ...journal)
    expect(tree).toMatchObject({ status: 0, stderr: '' })
    expect(tree.stdout).toMatch(/^ {2}✓ planner ← request\.submitted .* 1 request, \d+ tokens$/m)
    expect(tree.stdout).toMatch(/^ {2}run \S+: completed in .*, 5 requests, 2 tool calls, /m)

    const { stdout } = await read('trace', 'last~2', '--format', 'timeline', ...journal)
    expect(stdout).toMatch(/^ +\+[\d.]+ m?s {2}✓ tester ← password\.ready +█+ +[\d.]+ m?s$/m)
  })

  it('are narrowed down to what is asked for', async () => {
    const { stdout } = await read('trace', 'last', '--role', 'tester', ...journal)
    expect(stdout.split('\n').filter((line) => line.includes('←'))).toHaveLength(1)
    expect(stdout).toContain(', 1 of 4 lines shown')

    const none = await read('trace', 'last', '--status', 'dead', ...journal)
    expect(none.stdout).toMatch(/^ {2}run .*, 0 of 4 lines shown\n$/)

    const lines = await read(
      'trace',
      'last',
      '--format',
      'jsonl',
      '--type',
      'plan.ready',
      ...journal,
    )
    const records = lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(records[0]).toMatchObject({ kind: 'message', message: { type: 'plan.ready' } })
    expect(records.at(-1)).toMatchObject({ kind: 'settle', role: 'implementer', outcome: 'done' })
  })

  it('are drawn as a sequence', async () => {
    await using opened = await openJournal(join(cwd, 'journal.db'), { mode: 'read' })
    const [newest] = await Array.fromAsync(opened.runs())
    const records = await Array.fromAsync(opened.read({ runId: newest?.runId ?? '' }))

    const { stdout } = await read('trace', 'last', '--format', 'mermaid', ...journal)
    expect(stdout).toBe(`${sequenceDiagram(causalGraph(records))}\n`)
  })

  it('are told as JSON, with content where it is asked for', async () => {
    const bare = await read('trace', 'last~2', '--json', ...journal)
    expect(JSON.parse(bare.stdout)).toMatchObject({
      status: 'completed',
      team: 'password',
      usage: { modelCalls: 5 },
      firstFailure: null,
      messages: [{ type: 'request.submitted', attempts: [{ outcome: 'done' }] }, {}, {}, {}],
      edges: [{ kind: 'published-by' }, {}, {}],
    })
    expect(bare.stdout).not.toContain('20 characters')

    const { stdout } = await read('trace', 'last~2', '--json', '--content', ...journal)
    expect(stdout).toContain('"data": "a password of 20 characters"')
    expect(stdout).toContain('secret:')
  })

  it('are exported for OpenTelemetry, the same each time', async () => {
    const args = ['trace', 'last~2', '--format', 'otlp', '--json', ...journal]
    const [one, two] = [await read(...args), await read(...args)]
    const traces: OtlpTraces = JSON.parse(one.stdout)
    const names = traces.resourceSpans[0]?.scopeSpans[0]?.spans.map(({ name }) => name)

    expect(one.stdout.trim().split('\n')).toHaveLength(1)
    expect(two.stdout).toBe(one.stdout)
    expect(names?.[0]).toBe('invoke_workflow password')
    expect(names).toEqual(
      expect.arrayContaining([
        'invoke_agent planner',
        'chat offline',
        'execute_tool generate_password',
      ]),
    )
    expect(one.stdout).not.toContain('20 characters')
    expect((await read(...args, '--content')).stdout).toContain('20 characters')
  })

  it('tell no password in any format', async () => {
    for (const format of ['tree', 'timeline', 'mermaid', 'jsonl']) {
      const { stdout } = await read('trace', 'last~2', '--format', format, ...journal)
      expect(stdout).not.toContain(passwords[0])
    }
    for (const format of ['json', 'otlp']) {
      const args = ['--format', format, '--content', ...journal]
      const { stdout } = await read('trace', 'last~2', ...args)
      expect(stdout).not.toContain(passwords[0])
    }
    expect((await read('diff', 'last~2', 'last', ...journal)).stdout).not.toContain(passwords[0])
  })

  it('are compared, with the exit status that diff has', async () => {
    const same = await read('diff', 'last~1', 'last', ...journal)
    expect(same).toMatchObject({ status: 0, stderr: '' })
    expect(same.stdout).toMatch(/^= \.h {2}planner → implementer {2}plan\.ready$/m)
    expect(same.stdout).toMatch(/The runs are the same, in 4 messages\.\n$/)

    const other = await read('diff', 'last~2', 'last', ...journal)
    expect(other).toMatchObject({ status: 1, stderr: '' })
    expect(other.stdout).toContain('    ~ data.kind: "password" → "pin"')

    const { status, stdout } = await read('diff', 'last~2', 'last', '--json', ...journal)
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      isSame: false,
      messages: [{ path: '~', kind: 'changed' }, { path: '~.h' }, {}, {}],
    })
  })

  it.for([
    { args: ['trace'], says: 'trace needs a run, as in nanoagent trace last' },
    { args: ['trace', 'nothing'], says: "the journal has no run 'nothing'" },
    { args: ['trace', 'last~7'], says: "the journal has no run 'last~7': the oldest is 'last~2'" },
    { args: ['trace', 'last', '--format', 'svg'], says: "'svg' is invalid: choose one of tree, " },
    { args: ['trace', 'last', '--status', 'bad'], says: "'bad' is invalid: choose one of done, " },
    {
      args: ['trace', 'last', '--format', 'otlp', '--role', 'tester'],
      says: '--format otlp shows a whole run: leave --role, --type, --status and --text out',
    },
    {
      args: ['trace', 'last', '--format', 'timeline', '--json'],
      says: '--format timeline is no JSON: leave --json out, or use json, jsonl or otlp',
    },
    { args: ['trace', 'last', '--content'], says: '--content goes with --format json or otlp' },
    { args: ['diff', 'last'], says: 'diff needs two runs, as in nanoagent diff last~1 last' },
    { args: ['diff', 'last', 'nothing'], says: "the journal has no run 'nothing'" },
    { args: ['diff', 'a', 'b', 'c'], says: '3 arguments were given, but diff takes 2 at most' },
  ])('are not shown by $args: one line says why', async ({ args, says }) => {
    const { status, stdout, stderr } = await read(...args, ...journal)

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(says)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})
