import { defineAgent, defineListener, defineTeam, fanOut, to, wiringOf } from '@nanoagent/agents'
import { defineJoin, defineMessage } from '@nanoagent/bus'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { plain } from '../screen/paint.ts'
import { wiringLines } from './wiring.ts'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage('answer.drafted', z.string())
const Checked = defineMessage('answer.checked', z.string())
const Answered = defineMessage('question.answered', z.string())
const ChecksJoined = defineJoin('checks.joined', [Checked], { policy: 'all-settled' })
const SourcesFound = defineMessage('sources.found', z.array(z.string()))
const SourcesAsked = defineMessage('sources.asked', z.string(), { reply: SourcesFound })

const common = { description: '.', handle: () => {} }

it('shows what each agent accepts, each way out of it, and who listens', () => {
  const team = defineTeam({
    name: 'answers',
    agents: [
      defineAgent({
        ...common,
        role: 'writer',
        accepts: [Asked, SourcesAsked],
        fansOut: [
          fanOut([to('checker', Drafted), to('reader', Drafted)], to('editor', ChecksJoined)),
        ],
      }),
      defineAgent({
        ...common,
        role: 'checker',
        accepts: [Drafted],
        emits: [to('editor', Checked)],
        asks: [to('writer', SourcesAsked)],
      }),
      defineAgent({
        ...common,
        role: 'reader',
        accepts: [Drafted],
        emits: [to('editor', Checked)],
      }),
      defineAgent({
        ...common,
        role: 'editor',
        accepts: [ChecksJoined],
        emits: [to('coordinator', Answered)],
      }),
    ],
    listeners: [defineListener({ ...common, role: 'archivist', listens: [Asked, Checked] })],
    entry: to('writer', Asked),
    terminal: Answered,
  })

  expect(wiringLines(wiringOf(team), plain)).toEqual([
    'Team answers: question.asked goes to writer, question.answered ends the run.',
    '',
    '  AGENT      ACCEPTS         WAYS OUT                                        TOOLS',
    '  writer     question.asked  branch answer.drafted → checker                 0',
    '             sources.asked   branch answer.drafted → reader',
    '                             joined as checks.joined (all settled) → editor',
    '                             replies sources.found',
    '  checker    answer.drafted  answer.checked → editor                         0',
    '                             asks sources.asked → writer',
    '  reader     answer.drafted  answer.checked → editor                         0',
    '  editor     checks.joined   question.answered → coordinator                 0',
    '  archivist  question.asked  listens only                                    0',
    '             answer.checked',
    '',
    'The wiring is right: everything that is sent is accepted, and every way ends.',
  ])
})
