import { defineMessage } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineAgent } from './agent.ts'
import { WiringError } from './errors.ts'
import { to } from './routes.ts'
import { defineTeam } from './team.ts'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage(
  'answer.drafted',
  z.object({ text: z.string(), sources: z.array(z.string()) }),
)
const Answered = defineMessage('question.answered', z.object({ text: z.string() }))

const writer = defineAgent({
  role: 'writer',
  description: 'Drafts an answer.',
  accepts: [Asked],
  emits: [to('editor', Drafted)],
  handle(message, ctx) {
    expectTypeOf(message.data).toEqualTypeOf<string>()
    ctx.handoff('editor', Drafted, { text: message.data, sources: [] })
    const misuse = () => {
      // @ts-expect-error nobody said that the writer hands off to 'tester'
      ctx.handoff('tester', Drafted, { text: '', sources: [] })
      // @ts-expect-error the writer emits no Answered to the editor
      ctx.handoff('editor', Answered, { text: '' })
      // @ts-expect-error sources are missing
      ctx.handoff('editor', Drafted, { text: '' })
      // @ts-expect-error a number is no text
      ctx.handoff('editor', Drafted, { text: 1, sources: [] })
    }
    expect(misuse).toBeTypeOf('function')
  },
})

const editor = defineAgent({
  role: 'editor',
  description: 'Shortens it.',
  accepts: [Drafted],
  emits: [to('coordinator', Answered)],
  handle(message, ctx) {
    expectTypeOf(message.data.sources).toEqualTypeOf<readonly string[]>()
    // @ts-expect-error data is read-only
    const misuse = () => message.data.sources.push('more')
    expect(misuse).toBeTypeOf('function')
    ctx.handoff('coordinator', Answered, { text: message.data.text })
  },
})

const team = { name: 'answers', entry: to('writer', Asked), terminal: Answered }

describe('defineTeam', () => {
  it('takes a team that is wired right', () => {
    const answers = defineTeam({ ...team, agents: [writer, editor], context: { draft: Drafted } })
    expect(answers.agents.map(({ role }) => role)).toEqual(['writer', 'editor'])
    expectTypeOf(answers.context.draft).toEqualTypeOf(Drafted)
  })

  it('refuses a role that nobody plays, naming both ends', () => {
    expect(() =>
      // @ts-expect-error nobody plays 'editor'
      defineTeam({ ...team, agents: [writer] }),
    ).toThrow("'writer' hands answer.drafted to 'editor', but no agent of the team plays 'editor'")
  })

  it('refuses a type that its recipient does not accept', () => {
    const deaf = defineAgent({ ...editor, accepts: [Asked], handle: () => {} })
    expect(() =>
      // @ts-expect-error the editor does not accept answer.drafted
      defineTeam({ ...team, agents: [writer, deaf] }),
    ).toThrow("to 'editor', which does not accept answer.drafted (it accepts question.asked)")
  })

  it('refuses an entry that nobody takes', () => {
    expect(() =>
      defineTeam({
        ...team,
        agents: [writer, editor],
        // @ts-expect-error nobody plays 'reader'
        entry: to('reader', Asked),
      }),
    ).toThrow("the entry question.asked goes to 'reader', but no agent of the team plays 'reader'")
  })

  it('refuses a terminal message of another type', () => {
    expect(() =>
      defineTeam({
        ...team,
        // @ts-expect-error the editor hands question.answered to the coordinator
        agents: [writer, editor],
        terminal: Drafted,
      }),
    ).toThrow(
      "'editor' hands question.answered to 'coordinator', but the team's terminal type is answer.drafted",
    )
  })

  it('refuses what TypeScript cannot see, at construction', () => {
    const somebody: string = ['edi', 'torr'].join('')
    const unsure = defineAgent({
      role: 'writer',
      description: 'Drafts.',
      accepts: [Asked],
      emits: [to(somebody, Drafted)],
      handle: (message, ctx) =>
        void ctx.handoff(somebody, Drafted, { text: message.data, sources: [] }),
    })
    expect(() => defineTeam({ ...team, agents: [unsure, editor] })).toThrow(
      "but no agent of the team plays 'editorr' (roles: 'writer', 'editor')",
    )
  })

  it('refuses two schemas under one name, two agents in one role, and a dead end', () => {
    const Other = defineMessage('answer.drafted', z.object({ text: z.string() }))
    const wrong = () =>
      defineTeam({
        ...team,
        agents: [
          writer,
          defineAgent({
            role: 'editor',
            description: 'Loops.',
            accepts: [Other],
            emits: [to('editor', Other)],
            handle: () => {},
          }),
          writer,
        ],
      })
    expect(wrong).toThrow(WiringError)
    expect(wrong).toThrow("two agents play 'writer'")
    expect(wrong).toThrow(
      "'writer' and 'editor' have two different schemas under the name answer.drafted",
    )
    expect(wrong).toThrow("no path leads from 'writer' to the terminal type question.answered")
  })
})
