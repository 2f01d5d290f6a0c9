import { describe, expect, it } from 'vitest'
import { createOfflineModel } from '../offline/offline-model.ts'
import { checkDeterminism, createScriptedModel, runTeam } from '../testing/index.ts'
import { ASSISTANT_INSTRUCTIONS } from './assistant.ts'
import { askTeam, chatTeam } from './teams.ts'

const team = chatTeam()

type Turns = Parameters<typeof runTeam<typeof team.entry.type, typeof team.terminal, never>>[1]

async function chat(text: string, before: Partial<Turns> = {}) {
  const request = { text, turns: [], passwords: [], ...before }
  const run = await runTeam(team, request, { model: createOfflineModel(team.agents) })
  const tools = run.records.flatMap((record) =>
    record.kind === 'step' && record.stepKind === 'tool' ? [record.name] : [],
  )
  return { ...run, tools, text: run.output?.text ?? '', passwords: run.output?.passwords ?? [] }
}

describe('the assistant offline', () => {
  it.for([
    ['Generate a secure 20-character password', 'generate_password', [20]],
    ['Generate a secure 16-character password for my email account', 'generate_password', [16]],
    [
      'Give me 5 password options to choose from',
      'generate_multiple_passwords',
      [16, 16, 16, 16, 16],
    ],
    ['a 6-digit PIN', 'generate_password', [6]],
    ['12 characters', 'generate_password', [12]],
  ] as const)('makes what is asked for with a real tool: %s', async ([text, tool, lengths]) => {
    const { tools, passwords, text: answer } = await chat(text)

    expect(tools).toEqual([tool])
    expect(passwords.map((password) => password.reveal().length)).toEqual(lengths)
    for (const { handle } of passwords) expect(answer).toContain(handle)
  })

  it.for([
    ["Check if 'myP@ssw0rd!' is secure enough", 'No, it is not secure enough: it is fair, 3 of 5.'],
    ['is hunter2 a good password?', 'No, it is not secure enough: it is weak, 2 of 5.'],
    ['How strong is "v9#Kq2!xT7$mZp4&"?', 'Yes, it is secure enough: it is very strong, 5 of 5.'],
    ['Rate my password: Summer2024!', 'No, it is not secure enough: it is fair, 3 of 5.'],
    ['check 1234', 'No, it is not secure enough: it is very weak, 1 of 5.'],
  ] as const)('judges the very password that was typed: %s', async ([text, verdict]) => {
    const { tools, text: answer } = await chat(text)

    expect(tools).toEqual(['check_password_strength'])
    expect(answer).toContain(verdict)
  })

  it('judges each of several passwords', async () => {
    const { tools, text } = await chat("Check 'aaa' and 'v9#Kq2!xT7$mZp4&'")

    expect(tools).toEqual(['check_password_strength', 'check_password_strength'])
    expect(text).toMatch(/^1\. No, it is not secure enough.*\n\n2\. Yes, it is secure enough/s)
  })

  it('judges no single word of several, but asks for quotes', async () => {
    const { tools, text } = await chat('How strong is correct horse battery staple?')

    expect(tools).toEqual([])
    expect(text).toContain('Write it in quotes')
  })

  it('promises nothing of a wish that none of its tools sees to', async () => {
    const { text } = await chat('12 characters, no character twice')

    expect(text).toContain('That no character occurs twice was left to chance here')
  })

  it('knows the passwords that were made before', async () => {
    const first = await chat('3 passwords')
    const before = {
      turns: [
        { role: 'user' as const, content: '3 passwords' },
        { role: 'assistant' as const, content: first.text },
      ],
      passwords: first.passwords,
    }
    const { records, text } = await chat('check the second one', before)

    const checked = records.find((record) => record.kind === 'step' && record.stepKind === 'tool')
    expect(checked).toMatchObject({ request: { password: first.passwords[1] } })
    expect(text).toContain('Yes, it is secure enough')
  })

  it.for(['hello', 'what can you do?', 'How do I store a password safely?'])(
    'says what it can do where nothing is asked of it: %s',
    async (text) => {
      const { tools, text: answer } = await chat(text)

      expect(tools).toEqual([])
      expect(answer).toContain('I make passwords')
    },
  )

  it('asks which password is meant where none is there', async () => {
    expect((await chat('is it secure?')).text).toContain('Which password?')
  })
})

describe('the assistant', () => {
  it('tells the model what was said before, and its instructions', async () => {
    const model = createScriptedModel({ assistant: [{ content: 'Fine.' }] })
    const talking = chatTeam({ instructions: 'Be brief.' })
    const turns = [
      { role: 'user' as const, content: 'Hello' },
      { role: 'assistant' as const, content: 'Hi.' },
    ]
    const { output } = await runTeam(talking, { text: 'Well?', turns, passwords: [] }, { model })

    expect(output?.text).toBe('Fine.')
    expect(model.requests[0]).toMatchObject({
      instructions: 'Be brief.',
      messages: [...turns, { role: 'user', content: 'Well?' }],
    })
    expect(team.agents[0]?.instructions).toBe(ASSISTANT_INSTRUCTIONS)
  })
})

describe('the answerer', () => {
  it('makes one request without tools', async () => {
    const model = createScriptedModel({ answerer: [{ content: 'Because.' }] })
    const { output, usage } = await runTeam(askTeam(), 'Why?', { model })

    expect(output?.text).toBe('Because.')
    expect(usage.modelCalls).toBe(1)
    expect(model.requests[0]).toMatchObject({
      tools: [],
      messages: [{ role: 'user', content: 'Why?' }],
    })
  })

  it.for([
    ['Generate a 20-character password for a banking app', 'Ex4mple-Ex4mple-Ex4m\n'],
    ['a 6-digit PIN', '012345\n'],
    ['Why is the sky blue?', 'This answer is canned: no model was asked.'],
  ] as const)('says offline that its answer is canned: %s', async ([prompt, expected]) => {
    const answering = askTeam()
    const { output } = await runTeam(answering, prompt, {
      model: createOfflineModel(answering.agents),
    })

    expect(output?.text).toContain('This answer is canned: no model was asked.')
    expect(output?.text).toContain(expected)
  })
})

describe('the memory of the assistant', () => {
  const talk = (text: string, memory: Record<string, unknown> = {}) =>
    runTeam(
      team,
      { text, turns: [], passwords: [] },
      { model: createOfflineModel(team.agents), memory: { assistant: memory } },
    )

  it('takes down a lasting wish where nothing else is asked for', async () => {
    const run = await talk('always 24 characters for the bank')

    expect(run.output?.text).toBe('I will remember that: always 24 characters for the bank.')
    expect(run.output?.passwords).toEqual([])
    expect(Object.keys(run.memory.assistant ?? {})).toEqual(['preference bank form'])
  })

  it('makes what is asked for as well, and by what it remembers', async () => {
    const first = await talk('Generate a password for my router, never use symbols')
    expect(first.output?.text).toContain('I will remember that')
    expect(first.output?.passwords).toHaveLength(1)

    const second = await talk('another one for the router', first.memory.assistant)
    expect(second.output?.text).toContain('As you said before:')
    expect(second.output?.passwords[0]?.reveal()).toMatch(/^[\p{L}\d]{16}$/u)
    expect(second.requests[0]?.instructions).toContain('<preferences>')
    await checkDeterminism(second)
  })

  it('remembers what it gave by fingerprints alone', async () => {
    const { memory, output } = await talk('3 passwords')

    const keys = Object.keys(memory.assistant ?? {})
    expect(keys.filter((key) => /^given [0-9a-f]{64}$/.test(key))).toHaveLength(3)
    for (const password of output?.passwords ?? []) {
      expect(JSON.stringify(memory)).not.toContain(password.reveal())
    }
  })
})
