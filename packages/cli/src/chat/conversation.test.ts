import { chatTeam, createOfflineModel, type Model } from '@nanoagent/agents'
import { createBus, createMemoryJournal, defineMessage, type Journal } from '@nanoagent/bus'
import { createOrchestrator } from '@nanoagent/orchestrator'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { freeThread, readConversation } from './conversation.ts'
import { beginningLine, goingOnLine } from './thread-lines.ts'

/** Says the next lines of a thread, each in a process of its own. */
async function say(journal: Journal, thread: string, ...lines: readonly string[]): Promise<void> {
  const team = chatTeam()
  const model = createOfflineModel(team.agents)
  for (const text of lines) {
    await using orchestrator = createOrchestrator({ team, model, journal })
    const { turns, passwords } = await readConversation(journal, thread)
    const run = await orchestrator.run({ text, turns, passwords }, { thread })
    expect(run.status).toBe('completed')
  }
}

const contents = ({ turns }: Awaited<ReturnType<typeof readConversation>>) =>
  turns.map(({ content }) => content)

describe('readConversation', () => {
  it('gives what was said in a thread, oldest first, and the passwords that it names', async () => {
    const journal = createMemoryJournal()
    await say(journal, 'chat', '2 passwords', 'check the second one')
    await say(journal, 'other', 'hello')

    const conversation = await readConversation(journal, 'chat')
    expect(conversation).toMatchObject({ exchanges: 2, told: 2 })
    expect(contents(conversation)[0]).toBe('2 passwords')
    expect(contents(conversation)[3]).toContain('Yes, it is secure enough')
    expect(conversation.turns.map(({ role }) => role).join(' ')).toBe(
      'user assistant user assistant',
    )
    for (const { handle } of conversation.passwords) {
      expect(contents(conversation)[1]).toContain(handle)
    }
    expect(conversation.passwords).toHaveLength(2)
  })

  it('tells the newest twenty exchanges, and no passwords that they do not name', async () => {
    const journal = createMemoryJournal()
    const lines = Array.from({ length: 21 }, (_, index) => `hello ${index + 1}`)
    await say(journal, 'chat', 'a password', 'hello 0', ...lines)

    const conversation = await readConversation(journal, 'chat')
    expect(conversation).toMatchObject({ exchanges: 23, told: 20, passwords: [] })
    expect(contents(conversation)[0]).toBe('hello 2')
    expect(contents(conversation).at(-2)).toBe('hello 21')
  })

  it('tells no more than fits, but the newest exchange in any case', async () => {
    const journal = createMemoryJournal()
    const long = (letter: string) => `${letter} ${'x'.repeat(7_900)}`
    await say(journal, 'chat', long('a'), long('b'), long('c'), long('d'))

    const conversation = await readConversation(journal, 'chat')
    expect(conversation).toMatchObject({ exchanges: 4, told: 2 })
    expect(contents(conversation)[0]).toMatch(/^c /)
  })

  it('leaves out lines that were not answered', async () => {
    const journal = createMemoryJournal()
    const team = chatTeam()
    const down: Model = { name: 'down', generate: () => Promise.reject(new Error('down')) }
    await using orchestrator = createOrchestrator({
      team,
      model: down,
      journal,
      delivery: { attempts: 1 },
    })
    await orchestrator.run({ text: 'hello', turns: [], passwords: [] }, { thread: 'chat' })

    expect(await readConversation(journal, 'chat')).toMatchObject({ exchanges: 0, turns: [] })
  })

  it('passes over what another version has said in another way', async () => {
    const journal = createMemoryJournal()
    const Other = defineMessage('chat.submitted', z.object({ said: z.string() }))
    const Answer = defineMessage('chat.answered', z.object({ text: z.string() }))
    await using bus = createBus({ journal })
    bus.subscribe('assistant', {
      accepts: [Other],
      handle: (_message, ctx) => ctx.handoff('coordinator', Answer, { text: 'hm' }),
    })
    const options = { terminal: Answer, thread: 'chat', about: { team: 'chat' } }
    await bus.publish('assistant', Other, { said: 'hello' }, options).result
    await say(journal, 'chat', 'hello again')

    expect(contents(await readConversation(journal, 'chat'))[0]).toBe('hello again')
  })
})

describe('freeThread', () => {
  it('gives the next number under which nothing was said', async () => {
    const journal = createMemoryJournal()
    await say(journal, 'chat', 'hello')
    expect(await freeThread(journal, 'chat')).toBe('chat-2')
    await say(journal, 'chat-2', 'hello')
    expect(await freeThread(journal, 'chat')).toBe('chat-3')
    expect(await freeThread(journal, 'chat-2')).toBe('chat-3')
    expect(await freeThread(journal, 'x'.repeat(64))).toHaveLength(60)
  })
})

describe('what is said of a thread', () => {
  it('is how much was said before, and how much of it is told', () => {
    expect(goingOnLine('chat', { exchanges: 1, told: 1 })).toBe(
      "Going on with thread 'chat': 1 earlier exchange.",
    )
    expect(goingOnLine('work', { exchanges: 40, told: 20 })).toBe(
      "Going on with thread 'work': 40 earlier exchanges, of which the model is told the last 20.",
    )
  })

  it('is how it is gone on with, or that it is not kept', () => {
    const file = { features: { durability: 'power-loss', multiProcess: true } } as const
    expect(beginningLine('chat', file)).toBe(
      "A new conversation, kept as thread 'chat': nanoagent chat goes on with it.",
    )
    expect(beginningLine('my work', file)).toContain("nanoagent chat --thread 'my work' goes on")
    expect(beginningLine('chat', createMemoryJournal())).toBe(
      'A new conversation, of which nothing is kept.',
    )
  })
})
