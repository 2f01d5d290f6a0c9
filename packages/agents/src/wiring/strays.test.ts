import { defineJoin, defineMessage } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Agent, defineAgent } from '../agent.ts'
import { type FanOutRoute, fanOut, type Route, to } from '../routes.ts'
import { defineTeam } from '../team.ts'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage('answer.drafted', z.string())
const Refused = defineMessage('answer.refused', z.string())
const Checked = defineMessage('answer.checked', z.string())
const Rated = defineMessage('answer.rated', z.string())
const Answered = defineMessage('question.answered', z.string())
const ChecksJoined = defineJoin('checks.joined', [Checked])
const RatingsJoined = defineJoin('ratings.joined', [Rated])

type Types = Parameters<typeof defineAgent>[0]['accepts']

function agent(
  role: string,
  accepts: Types,
  emits: readonly Route[],
  fansOut: readonly FanOutRoute[] = [],
): Agent {
  return defineAgent({ role, description: '.', accepts, emits, fansOut, handle: () => {} })
}

/** A team whose agents TypeScript knows nothing of. */
const team = (...agents: readonly Agent[]) =>
  defineTeam({ name: 'answers', agents, entry: to('writer', Asked), terminal: Answered })

const checks = fanOut([to('checker', Drafted)], to('editor', ChecksJoined))
const writer = agent('writer', [Asked], [], [checks])
const checker = agent('checker', [Drafted], [to('editor', Checked)])
const editor = agent('editor', [ChecksJoined], [to('coordinator', Answered)])

describe('a branch', () => {
  it('ends by what its join waits for, which the role of the join need not accept', () => {
    expect(team(writer, checker, editor).agents).toHaveLength(3)
  })

  it('may not reach the terminal type', () => {
    const hasty = agent('checker', [Drafted], [to('editor', Checked), to('coordinator', Answered)])
    expect(() => team(writer, hasty, editor)).toThrow(
      "'checker' hands question.answered to 'coordinator' from inside a branch of 'writer', which " +
        "ends with answer.checked at 'editor' (checks.joined): let only 'editor' decide where the flow goes on",
    )
  })

  it('may not leave its fan-out further on either', () => {
    const passing = agent('checker', [Drafted], [to('printer', Checked), to('editor', Checked)])
    const printer = agent('printer', [Checked], [to('coordinator', Answered)])
    expect(() => team(writer, passing, printer, editor)).toThrow(
      "'printer' hands question.answered to 'coordinator' from inside a branch of 'writer'",
    )
  })

  it('may not hand anything else to the role of its join', () => {
    const chatty = agent('checker', [Drafted], [to('editor', Checked), to('editor', Refused)])
    const open = agent('editor', [ChecksJoined, Refused], [to('coordinator', Answered)])
    expect(() => team(writer, chatty, open)).toThrow(
      "'checker' hands answer.refused to 'editor' from inside a branch of 'writer'",
    )
  })

  it('may retry and loop inside', () => {
    const strict = agent('checker', [Drafted], [to('mender', Refused), to('editor', Checked)])
    const mender = agent('mender', [Refused], [to('checker', Drafted)])
    expect(team(writer, strict, mender, editor).agents).toHaveLength(4)
  })

  it('must be able to end', () => {
    const aimless = agent('checker', [Drafted], [to('mender', Refused), to('editor', Checked)])
    const mender = agent('mender', [Refused], [to('mender', Refused)])
    expect(() => team(writer, aimless, mender, editor)).toThrow(
      "team 'answers' is wired wrong: no path leads from 'mender' to the end of its branch of " +
        "'writer': let an agent hand answer.checked to 'editor' (checks.joined)",
    )
  })

  it('comes back to itself from a fan-out inside', () => {
    const inner = fanOut([to('rater', Drafted)], to('counter', RatingsJoined))
    const nested = agent('checker', [Drafted], [], [inner])
    const rater = agent('rater', [Drafted], [to('counter', Rated)])
    const counter = agent('counter', [RatingsJoined], [to('editor', Checked)])
    expect(team(writer, nested, rater, counter, editor).agents).toHaveLength(5)

    const away = agent('counter', [RatingsJoined], [to('coordinator', Answered)])
    expect(() => team(writer, nested, rater, away, editor)).toThrow(
      "'counter' hands question.answered to 'coordinator' from inside a branch of 'writer'",
    )
    const deserter = agent('rater', [Drafted], [to('counter', Rated), to('editor', Checked)])
    expect(() => team(writer, nested, deserter, counter, editor)).toThrow(
      "'rater' hands answer.checked to 'editor', which takes it from branches alone",
    )
  })

  it('may come back to whoever fanned out, where that one can end it too', () => {
    const again = agent('checker', [Drafted], [to('writer', Refused), to('editor', Checked)])
    const patient = agent('writer', [Asked, Refused], [to('checker', Drafted)], [checks])
    expect(team(patient, again, editor).agents).toHaveLength(3)

    const splitting = agent('writer', [Asked, Refused], [], [checks])
    expect(() => team(splitting, again, editor)).toThrow(
      "no path leads from 'writer' to the end of its branch of 'writer'",
    )
  })
})

describe('a role that is inside of branches and outside', () => {
  const clerk = agent(
    'checker',
    [Drafted, Refused],
    [to('editor', Checked), to('coordinator', Answered)],
  )
  const both = agent('writer', [Asked], [to('checker', Refused)], [checks])

  it('may keep a way for each by the types that it gets there', () => {
    expect(team(both, clerk, editor).agents).toHaveLength(3)
  })

  it('may not where it gets the same types', () => {
    const same = agent('writer', [Asked], [to('checker', Drafted)], [checks])
    expect(() => team(same, clerk, editor)).toThrow(
      "'checker' hands question.answered to 'coordinator' from inside a branch",
    )
    expect(() => team(same, clerk, editor)).toThrow(
      "'checker' hands answer.checked to 'editor', which takes it from branches alone (it accepts checks.joined)",
    )
  })

  it('is not blamed for what comes behind a way that it keeps for the other', () => {
    const printer = agent('printer', [Checked], [to('coordinator', Answered)])
    const sorting = agent(
      'checker',
      [Drafted, Refused],
      [to('editor', Checked), to('printer', Checked)],
    )
    expect(team(both, sorting, printer, editor).agents).toHaveLength(4)
  })

  it('must have a way to the end of each', () => {
    const outward = agent('checker', [Drafted, Refused], [to('coordinator', Answered)])
    expect(() => team(both, outward, editor)).toThrow(
      "no path leads from 'checker' to the end of its branch of 'writer'",
    )
  })
})

describe('a join', () => {
  it('is refused where nobody may fan out before it', () => {
    const alone = agent('writer', [Asked], [], [fanOut([], to('editor', ChecksJoined))])
    expect(() => team(alone, editor)).toThrow(
      "'writer' fans out to nobody before checks.joined: name where its branches may begin",
    )
  })

  it('is refused where it waits for what nobody publishes', () => {
    const Both = defineJoin('both.joined', [Checked, Rated])
    const first = fanOut([to('checker', Drafted)], to('editor', Both))
    const last = agent('editor', [Both], [to('coordinator', Answered)])
    expect(() => team(agent('writer', [Asked], [], [first]), checker, last)).toThrow(
      "both.joined at 'editor' waits for answer.rated, which no agent of the team publishes",
    )
  })

  it('is refused where no branch ends with any of its types', () => {
    const rating = fanOut([to('checker', Drafted)], to('editor', RatingsJoined))
    const splitting = agent('writer', [Asked], [], [rating])
    const late = agent('editor', [RatingsJoined], [to('coordinator', Answered)])
    expect(() => team(splitting, checker, late)).toThrow(
      "'checker' hands answer.checked to 'editor' from inside a branch of 'writer', " +
        "which ends with answer.rated at 'editor' (ratings.joined)",
    )
    const silent = agent('checker', [Drafted], [])
    expect(() => team(splitting, silent, late)).toThrow(
      "no path leads from 'checker' to the end of its branch of 'writer'",
    )
  })

  it('may be where the fan-out is, or where a branch begins', () => {
    const self = agent(
      'writer',
      [Asked, ChecksJoined],
      [to('coordinator', Answered)],
      [fanOut([to('checker', Drafted)], to('writer', ChecksJoined))],
    )
    const back = agent('checker', [Drafted], [to('writer', Checked)])
    expect(team(self, back).agents).toHaveLength(2)

    const splitting = agent(
      'writer',
      [Asked],
      [],
      [fanOut([to('editor', Drafted)], to('editor', ChecksJoined))],
    )
    const everything = agent(
      'editor',
      [Drafted, ChecksJoined],
      [to('editor', Checked), to('coordinator', Answered)],
    )
    expect(team(splitting, everything).agents).toHaveLength(2)
  })
})
