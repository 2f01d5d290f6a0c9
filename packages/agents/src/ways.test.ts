import { defineJoin, defineMessage, valuesOf } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineAgent } from './agent.ts'
import { defineListener } from './listener.ts'
import { fanOut, to } from './routes.ts'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage('answer.drafted', z.object({ text: z.string() }))
const Checked = defineMessage('answer.checked', z.object({ isTrue: z.boolean() }))
const Rated = defineMessage('answer.rated', z.object({ stars: z.number().default(3) }))
const Answered = defineMessage('question.answered', z.string())
const ChecksJoined = defineJoin('checks.joined', [Checked, Rated])
const RatingsJoined = defineJoin('ratings.joined', [Rated], { policy: 'all-settled' })
const FirstJoined = defineJoin('first.joined', [Rated], { policy: { first: 1 } })
const SourcesFound = defineMessage('sources.found', z.object({ books: z.array(z.string()) }))
const SourcesAsked = defineMessage('sources.asked', z.string(), { reply: SourcesFound })
const TimeTold = defineMessage('time.told', z.number())
const TimeAsked = defineMessage('time.asked', z.null(), { reply: TimeTold })

const common = { role: 'writer', description: '.', accepts: [Asked] } as const

/** Checked by the compiler; none of these handlers is called. */
describe('a handler', () => {
  it('fans out only as declared, each branch with the data of its type', () => {
    const atEditor = to('editor', ChecksJoined)
    const atCounter = to('counter', RatingsJoined)
    const writer = defineAgent({
      ...common,
      fansOut: [
        fanOut([to('checker', Drafted), to('rater', Asked)], atEditor),
        fanOut([to('rater', Drafted)], atCounter),
      ],
      handle(_message, ctx) {
        const draft = { to: 'checker', type: Drafted, data: { text: '' } } as const
        const question = { to: 'rater', type: Asked, data: '', content: 'Rating.' } as const
        expectTypeOf(ctx.fanOut([draft, question], atEditor)).toEqualTypeOf<string>()
        ctx.fanOut([{ to: 'rater', type: Drafted, data: { text: '' } }], atCounter)
        // As many of one route as the data wants.
        const many = ['a', 'b'].map((data) => ({ ...question, data }))
        ctx.fanOut(many, atEditor)
        // @ts-expect-error no branch goes to the editor
        ctx.fanOut([{ to: 'editor', type: Drafted, data: { text: '' } }], atEditor)
        // @ts-expect-error the checker gets no question
        ctx.fanOut([{ to: 'checker', type: Asked, data: '' }], atEditor)
        // @ts-expect-error a number is no text
        ctx.fanOut([{ to: 'checker', type: Drafted, data: { text: 1 } }], atEditor)
        // @ts-expect-error the data is that of the other branch
        ctx.fanOut([{ to: 'checker', type: Drafted, data: '' }], atEditor)
        // @ts-expect-error the data is missing
        ctx.fanOut([{ to: 'checker', type: Drafted }], atEditor)
        // @ts-expect-error the checker is no branch of this join
        ctx.fanOut([draft], atCounter)
        // @ts-expect-error nobody said that this join is at the counter
        ctx.fanOut([draft], to('counter', ChecksJoined))
        // @ts-expect-error nor that there is this one
        ctx.fanOut([], to('editor', FirstJoined))
        // @ts-expect-error the writer hands nothing off
        ctx.handoff('checker', Drafted, { text: '' })
        // @ts-expect-error and asks nobody
        return ctx.ask('librarian', SourcesAsked, '')
      },
    })
    expect(writer.fansOut).toHaveLength(2)
  })

  it('cannot fan out where nothing is declared', () => {
    const writer = defineAgent({
      ...common,
      emits: [to('coordinator', Answered)],
      handle(_message, ctx) {
        // @ts-expect-error the writer does not fan out
        ctx.fanOut([], to('editor', ChecksJoined))
      },
    })
    expect(writer.fansOut).toEqual([])
  })

  it('gets what each branch came to, as far as the policy of the join lets it', () => {
    const editor = defineAgent({
      ...common,
      accepts: [ChecksJoined],
      handle({ data }) {
        const [first] = data.branches
        expectTypeOf(first?.status).toEqualTypeOf<'done' | undefined>()
        if (first?.type === 'answer.rated') expectTypeOf(first.data.stars).toEqualTypeOf<number>()
        if (first?.type === 'answer.checked') {
          expectTypeOf(first.data.isTrue).toEqualTypeOf<boolean>()
        }
        expectTypeOf(valuesOf(data, Checked)).toEqualTypeOf<
          readonly { readonly isTrue: boolean }[]
        >()
      },
    })
    const counter = defineAgent({
      ...common,
      accepts: [RatingsJoined],
      handle({ data }) {
        for (const branch of data.branches) {
          expectTypeOf(branch.to).toEqualTypeOf<string>()
          expectTypeOf(branch.status).toEqualTypeOf<'done' | 'failed'>()
          if (branch.status === 'failed') expectTypeOf(branch.error).toEqualTypeOf<string>()
          else expectTypeOf(branch.data.stars).toEqualTypeOf<number>()
          // @ts-expect-error what became of the branch must be asked first
          branch.data
        }
      },
    })
    const racer = defineAgent({
      ...common,
      accepts: [FirstJoined],
      handle({ data }) {
        expectTypeOf(data.branches[0]?.status).toEqualTypeOf<
          'done' | 'failed' | 'cancelled' | undefined
        >()
      },
    })
    expect([editor, counter, racer]).toHaveLength(3)
  })

  it('asks only as declared, and gets the data of the reply', () => {
    const writer = defineAgent({
      ...common,
      asks: [to('librarian', SourcesAsked), to('clock', TimeAsked), to('watch', TimeAsked)],
      async handle(_message, ctx) {
        const found = await ctx.ask('librarian', SourcesAsked, '', { timeoutMs: 5_000 })
        expectTypeOf(found.books).toEqualTypeOf<readonly string[]>()
        // @ts-expect-error the reply is read-only
        found.books.push('more')
        expectTypeOf(await ctx.ask('clock', TimeAsked, null)).toEqualTypeOf<number>()
        expectTypeOf(await ctx.ask(['clock', 'watch'], TimeAsked, null)).toEqualTypeOf<
          readonly number[]
        >()
        // @ts-expect-error nobody said that the writer asks the editor
        await ctx.ask('editor', SourcesAsked, '')
        // @ts-expect-error the librarian is not asked for the time
        await ctx.ask('librarian', TimeAsked, null)
        // @ts-expect-error nor is it among those who are
        await ctx.ask(['clock', 'librarian'], TimeAsked, null)
        // @ts-expect-error the question is a text
        await ctx.ask('librarian', SourcesAsked, 1)
        // @ts-expect-error the time to wait is a number
        await ctx.ask('librarian', SourcesAsked, '', { timeoutMs: '5 s' })
        // @ts-expect-error a request is no reply
        ctx.reply(SourcesAsked, '')
      },
    })
    expect(writer.asks).toHaveLength(3)
  })

  it('asks only for what names a reply', () => {
    const definition = { ...common, asks: [to('checker', Drafted)], handle: () => {} }
    // @ts-expect-error a draft asks for nothing
    const writer = defineAgent(definition)
    expect(writer.asks).toHaveLength(1)
  })

  it('replies only what it is asked for', () => {
    const librarian = defineAgent({
      ...common,
      accepts: [SourcesAsked, TimeAsked, Asked],
      handle(message, ctx) {
        if (message.type === 'time.asked') {
          expectTypeOf(ctx.reply(TimeTold, 12, 'Noon.')).toEqualTypeOf<string>()
        }
        ctx.reply(SourcesFound, { books: ['a'] })
        // @ts-expect-error a number is no list of books
        ctx.reply(SourcesFound, 12)
        // @ts-expect-error nobody asks for an answer
        ctx.reply(Answered, '')
        // @ts-expect-error nor is the question itself a reply
        ctx.reply(Asked, '')
      },
    })
    expect(librarian.accepts).toHaveLength(3)
    const writer = defineAgent({
      ...common,
      emits: [to('coordinator', Answered)],
      handle(_message, ctx) {
        // @ts-expect-error the writer is asked nothing
        ctx.reply(SourcesFound, { books: [] })
      },
    })
    expect(writer.asks).toEqual([])
  })

  it('of a listener publishes nothing', () => {
    const archivist = defineListener({
      role: 'archivist',
      description: '.',
      listens: [Drafted, ChecksJoined],
      handle(message, ctx) {
        if (message.type === 'answer.drafted') {
          expectTypeOf(message.data.text).toEqualTypeOf<string>()
        } else
          expectTypeOf(valuesOf(message.data, Rated)[0]?.stars).toEqualTypeOf<number | undefined>()
        ctx.log('Kept.')
        // @ts-expect-error a listener hands nothing off
        ctx.handoff('coordinator', Answered, '')
        // @ts-expect-error a listener does not fan out
        ctx.fanOut([], to('editor', ChecksJoined))
        // @ts-expect-error a listener replies to nobody
        ctx.reply(SourcesFound, { books: [] })
        // @ts-expect-error a listener asks nobody
        return ctx.ask('librarian', SourcesAsked, '')
      },
    })
    expect(archivist.listens).toHaveLength(2)
  })
})
