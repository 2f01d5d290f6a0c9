import { AskError, TerminalError } from '../src/errors.ts'
import { Secret } from '../src/secret.ts'
import { type Handlers, Joined, never, Told, tell, Wanted } from './replays.ts'

/** Handlers whose runs are replayed, by what they do. */
export const HONEST: Readonly<Record<string, Handlers>> = {
  'steps in parallel, that fail, with time and chance in them': {
    async worker(_message, ctx) {
      const step = (name: string, answer: () => unknown) =>
        ctx.step({
          name,
          request: { now: ctx.now(), chance: ctx.random() },
          perform: async () => answer(),
        })
      const [one] = await Promise.all([step('one', () => 1), step('two', () => undefined)])
      const failed = await step('three', () => {
        throw new RangeError('not\n that way')
      }).catch((error: unknown) => `${error}`)
      tell(ctx, `${one} ${failed} ${ctx.now()} ${ctx.random()}`)
    },
  },
  'steps inside of steps': {
    async worker(_message, ctx) {
      const text = await ctx.step({
        name: 'outer',
        request: 1,
        async perform(scope) {
          const inner = await scope.step({ name: 'inner', request: 2, perform: () => 'inner' })
          return `outer ${inner}`
        },
      })
      tell(ctx, text)
    },
  },
  'a second attempt, with what was done once': {
    async worker(_message, ctx) {
      const paid = await ctx.step({ name: 'pay', request: 5, once: true, perform: () => 'paid' })
      ctx.log('attempt {attempt} at {now}', { attempt: ctx.attempt, now: ctx.now() })
      if (ctx.attempt === 1) throw new Error('once more')
      tell(ctx, `${paid} ${ctx.now()} ${ctx.random()}`)
    },
  },
  'a race between steps': {
    async worker(_message, ctx) {
      const slow = ctx.step({ name: 'slow', request: 1, perform: never })
      const quick = ctx.step({ name: 'quick', request: 2, perform: () => 'quick' })
      tell(ctx, await Promise.race([slow, quick]))
    },
  },
  'a step that nobody waits for': {
    worker(_message, ctx) {
      void ctx.step({ name: 'forgotten', request: 1, perform: never })
      tell(ctx)
    },
  },
  'a failure while other steps are under way': {
    async worker(_message, ctx) {
      const slow = ctx.step({ name: 'slow', request: 1, perform: never })
      const broken = ctx.step({
        name: 'broken',
        request: 2,
        perform: () => Promise.reject(new TerminalError('no way')),
      })
      tell(ctx, (await Promise.all([slow, broken])).join())
    },
  },
  'failures of all attempts': {
    worker(_message, ctx) {
      throw new Error(`no luck ${ctx.random()}`)
    },
  },
  'nothing at all': { worker() {} },
  'asks, of several and inside of asks, with replies and without': {
    async worker(_message, ctx) {
      const asked = ctx.ask(
        ['clerk', 'sleeper'],
        Wanted,
        { text: `${ctx.now()}` },
        { timeoutMs: 5 },
      )
      const failure = await asked.catch((error: unknown) => error)
      const { text } = await ctx.ask('clerk', Wanted, { text: `${ctx.now()}` })
      tell(ctx, `${text} ${failure instanceof AskError ? failure.code : ''} ${ctx.now()}`)
    },
    async clerk({ type }, ctx) {
      const replies = await Promise.allSettled([
        ctx.ask('oracle', Wanted, { text: type }),
        ctx.ask('nobody', Wanted, { text: type }),
      ])
      ctx.reply(Told, { text: replies.map(({ status }) => status).join() }, 'There you are.')
    },
    oracle(_message, ctx) {
      if (ctx.attempt === 1) throw new Error('not yet')
      ctx.reply(Told, { text: `${ctx.random()}` })
    },
    sleeper: never,
  },
  'an ask whose asker fails meanwhile': {
    async worker(_message, ctx) {
      void ctx.ask('sleeper', Wanted, { text: 'never mind' })
      await ctx.step({ name: 'quick', request: 1, perform: () => 1 })
      throw new TerminalError('enough')
    },
    sleeper: never,
  },
  'a fan-out of which the last branch is not waited for': {
    worker(_message, ctx) {
      ctx.fanOut(
        ['one', 'two', 'slow'].map((text) => ({ to: 'branch', type: Wanted, data: { text } })),
        { to: 'judge', type: Joined },
      )
    },
    async branch({ data, type }, ctx) {
      const text = 'text' in data ? data.text : type
      if (text === 'slow') await never()
      ctx.handoff('judge', Told, { text: `${text} ${ctx.past().length} ${ctx.random()}` })
    },
    judge({ data }, ctx) {
      tell(ctx, `${JSON.stringify(data)} ${ctx.past().map(({ id }) => id.length)}`)
    },
  },
  'secrets, in data, steps, logs and by their handles': {
    async worker(_message, ctx) {
      const own = new Secret('own-secret')
      const { made } = await ctx.step({
        name: 'make',
        request: { own },
        perform: () => ({ made: new Secret('made-secret') }),
      })
      ctx.log('made {made} beside own-secret', { made })
      ctx.handoff('second', Told, { text: made.handle, key: 'new-secret' }, 'It is made-secret.')
    },
    async second({ data }, ctx) {
      const known = 'text' in data ? ctx.secret(data.text)?.reveal() : undefined
      const key = 'key' in data ? data.key?.reveal() : undefined
      if (key === undefined) throw new Error('no key')
      tell(ctx, ctx.redact(`${known} and ${key}`))
    },
  },
  'a secret in a line that became one later': {
    async worker(_message, ctx) {
      ctx.log('it will be 12345678')
      await ctx.step({ name: 'keep', request: { pin: new Secret('12345678') }, perform: () => 1 })
      tell(ctx)
    },
  },
  memory: {
    async worker(_message, ctx) {
      const { memory } = ctx
      const before = await memory.get('count')
      memory.set('count', { is: before === undefined ? 1 : 2, key: new Secret('remembered') })
      const now = await memory.get('count')
      const found = await memory.search('tea')
      const name = await memory.fingerprint(new Secret('remembered'))
      ctx.handoff('second', Told, { text: JSON.stringify([before, now, found, name.length]) })
    },
    async second({ data }, ctx) {
      const { memory } = ctx
      memory.set('drink', { text: 'tea' })
      tell(ctx, JSON.stringify([data, await memory.get('drink'), await memory.search('tea')]))
    },
  },
}
