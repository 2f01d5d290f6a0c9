import { defineJoin, defineMessage } from '@nanoagent/bus'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../agent.ts'
import { defineListener } from '../listener.ts'
import { fanOut, to } from '../routes.ts'
import { defineTeam } from '../team.ts'
import { defineTool } from '../tool.ts'
import { wiringOf } from './team-wiring.ts'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage('answer.drafted', z.string())
const Checked = defineMessage('answer.checked', z.string())
const Answered = defineMessage('question.answered', z.string())
const ChecksJoined = defineJoin('checks.joined', [Checked], { policy: { first: 1 } })
const SourcesFound = defineMessage('sources.found', z.array(z.string()))
const SourcesAsked = defineMessage('sources.asked', z.string(), { reply: SourcesFound })

const search = defineTool({
  name: 'search',
  description: '.',
  parameters: z.object({}),
  result: z.null(),
  execute: () => null,
})

it('says by names alone how each agent and listener is wired', () => {
  const handle = () => {}
  const team = defineTeam({
    name: 'answers',
    agents: [
      defineAgent({
        role: 'editor',
        description: 'Splits and joins.',
        accepts: [Asked, ChecksJoined],
        emits: [to('coordinator', Answered)],
        fansOut: [fanOut([to('checker', Drafted)], to('editor', ChecksJoined))],
        asks: [to('checker', SourcesAsked)],
        handle,
      }),
      defineAgent({
        role: 'checker',
        description: 'Checks.',
        accepts: [Drafted, SourcesAsked],
        emits: [to('editor', Checked)],
        tools: [search],
        handle,
      }),
    ],
    listeners: [
      defineListener({ role: 'archivist', description: 'Keeps.', listens: [Checked], handle }),
    ],
    entry: to('editor', Asked),
    terminal: Answered,
  })

  const wiring = wiringOf(team)

  expect(wiring).toEqual({
    team: 'answers',
    entry: { to: 'editor', type: 'question.asked' },
    terminal: 'question.answered',
    agents: [
      {
        role: 'editor',
        description: 'Splits and joins.',
        accepts: ['question.asked', 'checks.joined'],
        emits: [{ to: 'coordinator', type: 'question.answered' }],
        fansOut: [
          {
            branches: [{ to: 'checker', type: 'answer.drafted' }],
            join: {
              to: 'editor',
              type: 'checks.joined',
              policy: { first: 1 },
              ends: ['answer.checked'],
            },
          },
        ],
        asks: [{ to: 'checker', type: 'sources.asked', reply: 'sources.found' }],
        replies: [],
        tools: [],
      },
      {
        role: 'checker',
        description: 'Checks.',
        accepts: ['answer.drafted', 'sources.asked'],
        emits: [{ to: 'editor', type: 'answer.checked' }],
        fansOut: [],
        asks: [],
        replies: ['sources.found'],
        tools: ['search'],
      },
    ],
    listeners: [
      { role: 'archivist', description: 'Keeps.', listens: ['answer.checked'], tools: [] },
    ],
  })
  expect(JSON.parse(JSON.stringify(wiring))).toEqual(wiring)
})
