import { titleOf } from '@nanoagent/bus'
import { type Agent, defineAgent } from '../agent.ts'
import { latestPrompt, type OfflineReply } from '../offline/offline-model.ts'
import {
  factsOf,
  GuidanceText,
  optionConstraints,
  PasswordFacts,
  writeGuidance,
} from '../password/index.ts'
import { type Route, to } from '../routes.ts'
import { GuidanceWritten, PasswordReady, PurposeAsked, PurposeExplained } from './messages.ts'
import { tagged, taggedText } from './prompts.ts'

const instructions = `You write for the person who asked for a password: how to keep it, how to type it and
how to say it to somebody, if at all. You never see the password, and never show one, not even as an
example. You get what is known of it and what it is for. For each of the three write one to four short
sentences that fit the purpose and the characters, such as what looks alike, what is hard to type on a
telephone, how to spell signs. Write to the person, plainly.`

/** The UX writer: tells the person who asked how to keep, type and say the password. */
export function uxWriter<const Next extends string, const Asks extends string>(options: {
  readonly next: Next
  /** Who knows what the password is for. */
  readonly asks: Asks
}): Agent<
  'ux-writer',
  typeof PasswordReady,
  Route<Next, typeof GuidanceWritten>,
  never,
  Route<Asks, typeof PurposeAsked>
>
export function uxWriter({ next, asks }: { readonly next: string; readonly asks: string }) {
  return defineAgent({
    role: 'ux-writer',
    description: 'Tells the person who asked how to keep, type and say the password.',
    accepts: [PasswordReady],
    emits: [to(next, GuidanceWritten)],
    asks: [to(asks, PurposeAsked)],
    instructions,
    async handle({ data }, ctx) {
      ctx.log(`Asking ${titleOf(asks)} what the password is for...`)
      const question = 'What is the password for?'
      const explained = await ctx.ask(asks, PurposeAsked, { question }, { content: question })
      ctx.log('Writing guidance...')
      const facts = factsOf(optionConstraints(data.config), data.passwords.length)
      const prompt = [
        tagged('facts', JSON.stringify(facts)),
        tagged('purpose', JSON.stringify(explained)),
      ].join('\n')
      const guidance = await ctx.generate({ prompt, output: GuidanceText })
      const line = `Guidance written for: ${explained.purpose}.`
      ctx.log(line)
      ctx.handoff(
        next,
        GuidanceWritten,
        { purpose: explained.purpose, ...guidance },
        `${line} Handing off to ${titleOf(next)}.`,
      )
    },
    offline: (request) => offline(latestPrompt(request)),
  })
}

function offline(prompt: string): OfflineReply {
  const read = (tag: string): unknown => JSON.parse(taggedText(tag, prompt))
  const { use } = PurposeExplained.schema.parse(read('purpose'))
  return { output: writeGuidance(PasswordFacts.parse(read('facts')), use) }
}
