import { defineJoin, defineMessage } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../agent.ts'
import { fanOut, to } from '../routes.ts'
import { defineTeam } from '../team.ts'
import type { Wired } from './wired.ts'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage('answer.drafted', z.string())
const Checked = defineMessage('answer.checked', z.string())
const Answered = defineMessage('question.answered', z.string())
const ChecksJoined = defineJoin('checks.joined', [Checked])
const SourcesFound = defineMessage('sources.found', z.array(z.string()))
const SourcesAsked = defineMessage('sources.asked', z.string(), { reply: SourcesFound })

const handle = () => {}
const common = { description: '.', handle }

const writer = defineAgent({
  ...common,
  role: 'writer',
  accepts: [Asked],
  fansOut: [fanOut([to('checker', Drafted)], to('editor', ChecksJoined))],
  asks: [to('librarian', SourcesAsked)],
})
const checker = defineAgent({
  ...common,
  role: 'checker',
  accepts: [Drafted],
  emits: [to('editor', Checked)],
})
const editor = defineAgent({
  ...common,
  role: 'editor',
  accepts: [ChecksJoined],
  emits: [to('coordinator', Answered)],
})
const librarian = defineAgent({ ...common, role: 'librarian', accepts: [SourcesAsked] })

const team = { name: 'answers', entry: to('writer', Asked), terminal: Answered }

/** What the compiler says of the first of these agents. */
type Said<Agents extends Parameters<typeof defineTeam>[0]['agents']> = Wired<
  Agents,
  typeof Answered
>[0]

describe('the compiler', () => {
  it('takes a team that is wired right', () => {
    const agents = [writer, checker, editor, librarian] as const
    expect(defineTeam({ ...team, agents }).agents).toHaveLength(4)
    expectTypeOf<Wired<typeof agents, typeof Answered>>().toEqualTypeOf<typeof agents>()
  })

  it('refuses a branch to a role that nobody plays', () => {
    expect(() =>
      // @ts-expect-error nobody plays 'checker'
      defineTeam({ ...team, agents: [writer, editor, librarian] }),
    ).toThrow()
    expectTypeOf<
      Said<[typeof writer, typeof editor, typeof librarian]>
    >().toEqualTypeOf<"'writer' fans answer.drafted out to 'checker', but no agent of the team plays 'checker'">()
  })

  it('refuses a branch to a role that does not accept it', () => {
    const deaf = defineAgent({ ...checker, accepts: [Asked], handle })
    expect(() =>
      // @ts-expect-error the checker does not accept answer.drafted
      defineTeam({ ...team, agents: [writer, deaf, editor, librarian] }),
    ).toThrow()
    expectTypeOf<
      Said<[typeof writer, typeof deaf, typeof editor, typeof librarian]>
    >().toEqualTypeOf<"'writer' fans answer.drafted out to 'checker', which does not accept answer.drafted">()
  })

  it('refuses a branch whose role can only leave it', () => {
    const hasty = defineAgent({ ...checker, emits: [to('coordinator', Answered)], handle })
    expect(() =>
      // @ts-expect-error the checker cannot end a branch
      defineTeam({ ...team, agents: [writer, hasty, editor, librarian] }),
    ).toThrow("'checker' hands question.answered to 'coordinator' from inside a branch of 'writer'")
    expectTypeOf<
      Said<[typeof writer, typeof hasty, typeof editor, typeof librarian]>
    >().toEqualTypeOf<"'checker' has no way to the end of a branch of 'writer' at 'editor' (checks.joined)">()

    const idle = defineAgent({ ...common, role: 'checker', accepts: [Drafted] })
    expect(() =>
      // @ts-expect-error the checker hands nothing off
      defineTeam({ ...team, agents: [writer, idle, editor, librarian] }),
    ).toThrow("no path leads from 'checker' to the end of its branch of 'writer'")
  })

  it('refuses a join at a role that nobody plays, or that does not accept it', () => {
    expect(() =>
      // @ts-expect-error nobody plays 'editor'
      defineTeam({ ...team, agents: [writer, checker, librarian] }),
    ).toThrow()
    expectTypeOf<
      Said<[typeof writer, typeof checker, typeof librarian]>
    >().toEqualTypeOf<"'writer' joins its branches as checks.joined at 'editor', but no agent of the team plays 'editor'">()

    const deaf = defineAgent({ ...editor, accepts: [Checked], handle })
    expect(() =>
      // @ts-expect-error the editor does not accept checks.joined
      defineTeam({ ...team, agents: [writer, checker, deaf, librarian] }),
    ).toThrow()
    expectTypeOf<
      Said<[typeof writer, typeof checker, typeof deaf, typeof librarian]>
    >().toEqualTypeOf<"'writer' joins its branches as checks.joined at 'editor', which does not accept checks.joined">()
  })

  it('refuses an ask of a role that nobody plays, that does not accept it, or of the asker', () => {
    expect(() =>
      // @ts-expect-error nobody plays 'librarian'
      defineTeam({ ...team, agents: [writer, checker, editor] }),
    ).toThrow()
    expectTypeOf<
      Said<[typeof writer, typeof checker, typeof editor]>
    >().toEqualTypeOf<"'writer' asks 'librarian' for sources.asked, but no agent of the team plays 'librarian'">()

    const deaf = defineAgent({ ...common, role: 'librarian', accepts: [Asked] })
    expect(() =>
      // @ts-expect-error the librarian does not accept sources.asked
      defineTeam({ ...team, agents: [writer, checker, editor, deaf] }),
    ).toThrow()

    const self = defineAgent({
      ...common,
      role: 'writer',
      accepts: [Asked, SourcesAsked],
      emits: [to('coordinator', Answered)],
      asks: [to('writer', SourcesAsked)],
    })
    expect(() =>
      // @ts-expect-error the writer asks itself
      defineTeam({ ...team, agents: [self] }),
    ).toThrow()
    expectTypeOf<Said<[typeof self]>>().toEqualTypeOf<"'writer' asks itself for sources.asked">()
  })

  it('refuses the end of a branch where no join waits for it', () => {
    const lost = defineAgent({
      ...common,
      role: 'checker',
      accepts: [Drafted],
      emits: [to('editor', Checked), to('writer', Checked)],
    })
    expect(() =>
      // @ts-expect-error no branch ends at the writer
      defineTeam({ ...team, agents: [writer, lost, editor, librarian] }),
    ).toThrow("'checker' hands answer.checked to 'writer', which does not accept answer.checked")
  })

  it('leaves roles that it does not know to the check at construction', () => {
    const somebody: string = ['edi', 'tor'].join('')
    const unsure = defineAgent({
      ...common,
      role: 'writer',
      accepts: [Asked],
      fansOut: [fanOut([to('checker', Drafted)], to(somebody, ChecksJoined))],
    })
    expect(defineTeam({ ...team, agents: [unsure, checker, editor] }).agents).toHaveLength(3)
    const named = defineAgent({
      ...common,
      role: somebody,
      accepts: [ChecksJoined],
      emits: [to('coordinator', Answered)],
    })
    expect(
      defineTeam({ ...team, agents: [writer, checker, named, librarian] }).agents,
    ).toHaveLength(4)
  })
})
