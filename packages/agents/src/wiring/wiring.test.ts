import { defineJoin, defineMessage, type MessageType } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Agent, defineAgent } from '../agent.ts'
import { defineListener, type Listener } from '../listener.ts'
import { type AskRoute, type FanOutRoute, fanOut, type Route, to } from '../routes.ts'
import { defineTeam } from '../team.ts'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage('answer.drafted', z.string())
const Checked = defineMessage('answer.checked', z.string())
const Answered = defineMessage('question.answered', z.string())
const ChecksJoined = defineJoin('checks.joined', [Checked])
const SourcesFound = defineMessage('sources.found', z.array(z.string()))
const SourcesAsked = defineMessage('sources.asked', z.string(), { reply: SourcesFound })

interface Ways {
  readonly emits?: readonly Route[]
  readonly fansOut?: readonly FanOutRoute[]
  readonly asks?: readonly AskRoute[]
}

function agent(role: string, accepts: readonly MessageType[], ways: Ways): Agent {
  return defineAgent({ role, description: '.', accepts, ...ways, handle: () => {} })
}

function listener(role: string, listens: readonly MessageType[]): Listener {
  return defineListener({ role, description: '.', listens, handle: () => {} })
}

/** A team whose agents TypeScript knows nothing of. */
const team = (
  agents: readonly Agent[],
  more: {
    readonly listeners?: readonly Listener[]
    readonly context?: Readonly<Record<string, MessageType>>
  } = {},
) =>
  defineTeam({ name: 'answers', agents, entry: to('writer', Asked), terminal: Answered, ...more })

const checks = fanOut([to('checker', Drafted)], to('editor', ChecksJoined))
const writer = agent('writer', [Asked], { fansOut: [checks] })
const checker = agent('checker', [Drafted], { emits: [to('editor', Checked)] })
const editor = agent('editor', [ChecksJoined], { emits: [to('coordinator', Answered)] })
const librarian = agent('librarian', [SourcesAsked], {})

const out = to('coordinator', Answered)
const asking = (...asks: readonly AskRoute[]) => agent('writer', [Asked], { emits: [out], asks })

describe('a fan-out', () => {
  it('is refused where a branch goes to a role that nobody plays', () => {
    expect(() => team([writer, editor])).toThrow(
      "'writer' fans answer.drafted out to 'checker', but no agent of the team plays 'checker' (roles: 'writer', 'editor')",
    )
  })

  it('is refused where a branch goes to the coordinator', () => {
    const early = fanOut([to('coordinator', Answered)], to('editor', ChecksJoined))
    expect(() => team([agent('writer', [Asked], { fansOut: [early] }), editor])).toThrow(
      "'writer' fans question.answered out to 'coordinator', but no agent of the team plays 'coordinator'",
    )
  })

  it('is refused where a branch begins with a type that its role does not accept', () => {
    const deaf = agent('checker', [Asked], { emits: [to('editor', Checked)] })
    expect(() => team([writer, deaf, editor])).toThrow(
      "'writer' fans answer.drafted out to 'checker', which does not accept answer.drafted (it accepts question.asked)",
    )
  })

  it('is refused where nobody plays the role of its join', () => {
    expect(() => team([writer, checker])).toThrow(
      "'writer' joins its branches as checks.joined at 'editor', but no agent of the team plays 'editor'",
    )
    const early = fanOut([to('checker', Drafted)], to('coordinator', ChecksJoined))
    expect(() => team([agent('writer', [Asked], { fansOut: [early] }), checker, editor])).toThrow(
      "'writer' joins its branches as checks.joined at 'coordinator', but no agent of the team plays",
    )
  })

  it('is refused where the role of its join does not accept it', () => {
    const deaf = agent('editor', [Checked], { emits: [out] })
    expect(() => team([writer, checker, deaf])).toThrow(
      "'writer' joins its branches as checks.joined at 'editor', which does not accept checks.joined (it accepts answer.checked)",
    )
  })
})

describe('an ask', () => {
  it('needs no path from whoever only replies to the terminal type', () => {
    expect(team([asking(to('librarian', SourcesAsked)), librarian]).agents).toHaveLength(2)
  })

  it('is refused where nobody plays the role', () => {
    expect(() => team([asking(to('librarian', SourcesAsked))])).toThrow(
      "'writer' asks 'librarian' for sources.asked, but no agent of the team plays 'librarian' (roles: 'writer')",
    )
  })

  it('is refused where the role does not accept it', () => {
    const deaf = agent('librarian', [Asked], {})
    expect(() => team([asking(to('librarian', SourcesAsked)), deaf])).toThrow(
      "'writer' asks 'librarian' for sources.asked, which does not accept sources.asked (it accepts question.asked)",
    )
  })

  it('is refused where a role asks itself', () => {
    const self = agent('writer', [Asked, SourcesAsked], {
      emits: [out],
      asks: [to('writer', SourcesAsked)],
    })
    expect(() => team([self])).toThrow(
      "'writer' asks itself for sources.asked: let it find the answer without asking",
    )
  })

  it('may go round in a circle of roles, of which each asks only sometimes', () => {
    const curious = agent('librarian', [SourcesAsked], { asks: [to('writer', SourcesAsked)] })
    const both = agent('writer', [Asked, SourcesAsked], {
      emits: [out],
      asks: [to('librarian', SourcesAsked)],
    })
    expect(team([both, curious]).agents).toHaveLength(2)
  })

  it('is refused where the request names no reply', () => {
    const Forgotten = Object.assign(defineMessage('more.asked', z.string(), { reply: Asked }), {
      reply: undefined,
    })
    const wise = agent('librarian', [Forgotten], {})
    expect(() => team([asking(to('librarian', Forgotten)), wise])).toThrow(
      "'writer' asks 'librarian' for more.asked, which names no reply: define it with { reply }, or hand it off",
    )
  })
})

describe('a listener', () => {
  it('hears whatever is published: handoffs, branches, joins, asks and replies', () => {
    const busy = agent('writer', [Asked], {
      fansOut: [checks],
      asks: [to('librarian', SourcesAsked)],
    })
    const everything = [Asked, Drafted, Checked, ChecksJoined, SourcesAsked, SourcesFound, Answered]
    expect(
      team([busy, checker, editor, librarian], { listeners: [listener('archivist', everything)] })
        .listeners,
    ).toHaveLength(1)
  })

  it('is refused where nobody publishes what it listens to', () => {
    expect(() =>
      team([writer, checker, editor], { listeners: [listener('archivist', [SourcesFound])] }),
    ).toThrow("'archivist' listens to sources.found, which no agent of the team publishes")
  })

  it('is refused under a name that is taken', () => {
    expect(() =>
      team([writer, checker, editor], { listeners: [listener('editor', [Drafted])] }),
    ).toThrow("an agent and a listener play 'editor': rename one")
    const twice = [listener('archivist', [Drafted]), listener('archivist', [Checked])]
    expect(() => team([writer, checker, editor], { listeners: twice })).toThrow(
      "two listeners play 'archivist': rename one",
    )
  })

  it('takes no handoff', () => {
    const sending = agent('writer', [Asked], { emits: [to('archivist', Drafted)] })
    expect(() => team([sending], { listeners: [listener('archivist', [Drafted])] })).toThrow(
      "'writer' hands answer.drafted to 'archivist', but 'archivist' only listens",
    )
  })
})

describe('a context field', () => {
  it('may be a join or a reply', () => {
    const busy = agent('writer', [Asked], {
      fansOut: [checks],
      asks: [to('librarian', SourcesAsked)],
    })
    const context = { checks: ChecksJoined, sources: SourcesFound }
    expect(team([busy, checker, editor, librarian], { context }).context).toBe(context)
  })

  it('is refused where nobody publishes its type', () => {
    expect(() => team([writer, checker, editor], { context: { sources: SourcesFound } })).toThrow(
      "the context field 'sources' is sources.found, which no agent of the team emits",
    )
  })
})

describe('two schemas under one name are refused', () => {
  const Other = defineMessage('answer.checked', z.number())

  it('where a branch ends with one that the join does not know', () => {
    const odd = agent('checker', [Drafted], { emits: [to('editor', Other)] })
    expect(() => team([writer, odd, editor])).toThrow(
      "'writer' and 'checker' have two different schemas under the name answer.checked: share one definition",
    )
  })

  it('where two requests name different replies', () => {
    const OtherAsked = defineMessage('more.asked', z.string(), {
      reply: defineMessage('sources.found', z.string()),
    })
    const asker = asking(to('librarian', SourcesAsked), to('librarian', OtherAsked))
    expect(() => team([asker, agent('librarian', [SourcesAsked, OtherAsked], {})])).toThrow(
      "'writer' has two schemas under the name sources.found: share one definition",
    )
  })

  it('where a listener or a context field has its own', () => {
    const agents = [writer, checker, editor]
    expect(() => team(agents, { listeners: [listener('archivist', [Other])] })).toThrow(
      "'writer' and 'archivist' have two different schemas under the name answer.checked",
    )
    expect(() => team(agents, { context: { check: Other } })).toThrow(
      "'writer' and 'context.check' have two different schemas under the name answer.checked",
    )
  })
})

it('says everything that is wrong, each once', () => {
  const message = (run: () => unknown): string => {
    try {
      run()
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
    return ''
  }
  const lost = agent('writer', [Asked], {
    emits: [to('nobody', Drafted)],
    fansOut: [checks, checks],
  })
  expect(message(() => team([lost, editor]))).toBe(
    "team 'answers' is wired wrong: 'writer' hands answer.drafted to 'nobody', " +
      "but no agent of the team plays 'nobody' (roles: 'writer', 'editor'); " +
      "'writer' fans answer.drafted out to 'checker', " +
      "but no agent of the team plays 'checker' (roles: 'writer', 'editor')",
  )
})
