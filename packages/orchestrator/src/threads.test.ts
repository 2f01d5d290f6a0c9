import { type AnyPasswordTeam, chatTeam, createOfflineModel, passwordTeam } from '@nanoagent/agents'
import { seededRandomInt } from '@nanoagent/agents/testing'
import { createMemoryJournal, type Journal, type Secret } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { createOrchestrator } from './orchestrator.ts'

/** Runs a team on a request in a process of its own. */
async function run(
  journal: Journal,
  request: string,
  { team = passwordTeam(), thread = 'home' }: { team?: AnyPasswordTeam; thread?: string } = {},
) {
  const model = createOfflineModel(team.agents)
  await using orchestrator = createOrchestrator({ team, model, journal })
  return await orchestrator.run(request, { thread })
}

const reveal = (passwords: readonly Secret[] = []) => passwords.map((one) => one.reveal())

describe('a thread', () => {
  it('never gets the same password twice, whatever chance brings', async () => {
    const journal = createMemoryJournal()
    const given = new Set<string>()
    for (let runs = 0; runs < 5; runs++) {
      // Each run draws the same passwords in the same order.
      const team = passwordTeam({ randomInt: seededRandomInt(1) })
      const { context } = await run(journal, '2 passwords', { team })
      for (const password of reveal(context.implementation?.passwords)) given.add(password)
    }
    expect(given.size).toBe(10)
    const elsewhere = await run(journal, 'a password', {
      team: passwordTeam({ randomInt: seededRandomInt(1) }),
      thread: 'work',
    })
    expect(given).toContain(elsewhere.context.implementation?.password.reveal())
  })

  it('says why where every password was given, instead of looking for ever', async () => {
    const journal = createMemoryJournal()
    const request = "a password of 8 characters that contains 'Abcdef1!'"
    expect((await run(journal, request)).status).toBe('completed')
    const second = await run(journal, request)
    expect(second).toMatchObject({ status: 'failed' })
    expect(second.reason).toContain(
      'the only one that can be found was given before: loosen the options, or begin another thread',
    )
    expect((await run(journal, request, { thread: 'work' })).status).toBe('completed')
  })

  it('goes through all of a few before it says so', async () => {
    const journal = createMemoryJournal()
    const request =
      "a password of 9 characters that contains 'Abcdef1!', with digits and no letters"
    const given = new Set<string>()
    let reason: string | undefined
    for (let runs = 0; runs < 200 && reason === undefined; runs++) {
      const ended = await run(journal, request)
      reason = ended.reason
      for (const password of reveal(ended.context.implementation?.passwords)) given.add(password)
    }
    expect(reason).toMatch(
      new RegExp(`each of the ${given.size} that can be found was given before`),
    )
  })

  it('remembers a preference in later runs of its planner, and other threads do not', async () => {
    const journal = createMemoryJournal()
    await run(journal, 'always 24 characters for the bank')
    const { context } = await run(journal, 'a password for my bank')
    expect(context.implementation?.password.reveal()).toHaveLength(24)
    expect(context.plan?.why).toContain('As you said before: "always 24 characters for the bank"')
    await run(journal, 'from now on 30 characters for the bank')
    expect((await run(journal, 'a bank password')).context.plan?.length).toBe(30)
    expect((await run(journal, 'a bank password', { thread: 'work' })).context.plan?.length).toBe(
      16,
    )
  })

  it('gives the assistant what it made earlier, by handle', async () => {
    const journal = createMemoryJournal()
    const team = chatTeam()
    const model = createOfflineModel(team.agents)
    await using orchestrator = createOrchestrator({ team, model, journal })
    const first = await orchestrator.run(
      { text: 'a password', turns: [], passwords: [] },
      { thread: 'chat' },
    )
    const { text = '', passwords = [] } = first.output ?? {}
    const second = await orchestrator.run(
      { text: 'how strong is it?', turns: [{ role: 'assistant', content: text }], passwords },
      { thread: 'chat' },
    )
    expect(second.output?.text).toContain('Yes, it is secure enough')
  })
})
