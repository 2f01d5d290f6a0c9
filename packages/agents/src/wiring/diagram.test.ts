// @vitest-environment jsdom
import { defineJoin, defineMessage } from '@nanoagent/bus'
import mermaid from 'mermaid'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../agent.ts'
import { defineListener } from '../listener.ts'
import { builtInTeams } from '../password-team/teams.ts'
import { fanOut, to } from '../routes.ts'
import { defineTeam, type Team } from '../team.ts'
import { mermaidOf } from './diagram.ts'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage('answer.drafted', z.string())
const Refused = defineMessage('answer.refused', z.string())
const Checked = defineMessage('answer.checked', z.string())
const Answered = defineMessage('question.answered', z.string())
const ChecksJoined = defineJoin('checks.joined', [Checked], { policy: { first: 2 } })
const SourcesFound = defineMessage('sources.found', z.array(z.string()))
const SourcesAsked = defineMessage('sources.asked', z.string(), { reply: SourcesFound })

const common = { description: '.', handle: () => {} }

/** A team with everything that a diagram shows. */
function answersTeam(): Team {
  return defineTeam({
    name: 'answers',
    agents: [
      defineAgent({
        ...common,
        role: 'writer',
        accepts: [Asked, Refused],
        fansOut: [
          fanOut(
            [to('fact-checker', Drafted), to('spell-checker', Drafted)],
            to('editor', ChecksJoined),
          ),
        ],
      }),
      defineAgent({
        ...common,
        role: 'fact-checker',
        accepts: [Drafted],
        emits: [to('editor', Checked)],
        asks: [to('librarian', SourcesAsked)],
      }),
      defineAgent({
        ...common,
        role: 'spell-checker',
        accepts: [Drafted],
        emits: [to('editor', Checked)],
      }),
      defineAgent({
        ...common,
        role: 'editor',
        accepts: [ChecksJoined],
        emits: [to('coordinator', Answered), to('writer', Refused)],
      }),
      defineAgent({ ...common, role: 'librarian', accepts: [SourcesAsked] }),
    ],
    listeners: [
      defineListener({ ...common, role: 'archivist', listens: [Asked, Checked, SourcesFound] }),
    ],
    entry: to('writer', Asked),
    terminal: Answered,
  })
}

/** A team of one who plays a role, asks and is listened to. */
function teamOf(role: string): Team {
  const player = defineAgent({
    ...common,
    role: 'somebody',
    accepts: [Asked],
    emits: [to('coordinator', Answered)],
    asks: [to('librarian', SourcesAsked)],
  })
  const librarian = defineAgent({ ...common, role: 'librarian', accepts: [SourcesAsked] })
  const listener = defineListener({ ...common, role: 'archivist', listens: [Asked] })
  return defineTeam({
    name: role,
    agents: [{ ...player, role }, librarian],
    listeners: [{ ...listener, role: `${role}-x` }],
    entry: to(role, Asked),
    terminal: Answered,
  })
}

describe('mermaidOf', () => {
  it('draws handoffs, branches, joins, asks and what listeners get', () => {
    expect(mermaidOf(answersTeam())).toBe(`flowchart LR
  coordinator_0(["coordinator"])
  writer_1["writer"]
  fact_checker_2["fact-checker"]
  spell_checker_3["spell-checker"]
  editor_4["editor"]
  librarian_5["librarian"]
  join_7{{"checks.joined (first 2)"}}
  archivist_6("archivist")
  coordinator_0 -->|"question.asked"| writer_1
  writer_1 ==>|"answer.drafted"| fact_checker_2
  writer_1 ==>|"answer.drafted"| spell_checker_3
  fact_checker_2 -->|"answer.checked"| join_7
  fact_checker_2 -.->|"asks sources.asked"| librarian_5
  spell_checker_3 -->|"answer.checked"| join_7
  editor_4 -->|"question.answered"| coordinator_0
  editor_4 -->|"answer.refused"| writer_1
  join_7 --> editor_4
  coordinator_0 -.-o|"copy of question.asked"| archivist_6
  fact_checker_2 -.-o|"copy of answer.checked"| archivist_6
  spell_checker_3 -.-o|"copy of answer.checked"| archivist_6
  librarian_5 -.-o|"copy of sources.found"| archivist_6`)
  })

  it('tells a role from a join of the same name', () => {
    const joining = mermaidOf(
      defineTeam({
        name: 'joining',
        agents: [
          defineAgent({
            ...common,
            role: 'join',
            accepts: [Asked, ChecksJoined],
            emits: [to('coordinator', Answered)],
            fansOut: [fanOut([to('checker', Drafted)], to('join', ChecksJoined))],
          }),
          defineAgent({
            ...common,
            role: 'checker',
            accepts: [Drafted],
            emits: [to('join', Checked)],
          }),
        ],
        entry: to('join', Asked),
        terminal: Answered,
      }),
    )
    expect(joining).toContain('join_1["join"]')
    expect(joining).toContain('join_3{{"checks.joined (first 2)"}}')
    expect(joining).toContain('checker_2 -->|"answer.checked"| join_3')
    expect(joining).toContain('join_3 --> join_1')
  })

  it('is a flowchart to Mermaid', async () => {
    for (const team of [answersTeam(), ...Object.values(builtInTeams).map((make) => make())]) {
      expect(await mermaid.parse(mermaidOf(team))).toMatchObject({ diagramType: 'flowchart-v2' })
    }
  })

  it.for([
    'end',
    'graph',
    'subgraph',
    'flowchart',
    'style',
    'class',
    'click',
    'default',
    'direction',
    'call',
    'href',
    'o',
    'x-1',
    'tb',
    'a "quoted" [name] | `with` <b>signs</b> # ; & %% {}',
    'two\nlines',
    'عربى 名前',
  ])('is a flowchart to Mermaid with a role named %s', async (role) => {
    const parsed = await mermaid.parse(mermaidOf(teamOf(role)))
    expect(parsed).toMatchObject({ diagramType: 'flowchart-v2' })
  })
})
