import { ChatAnswered, ChatSubmitted, type ChatTeam } from '@nanoagent/agents'
import {
  type InputOf,
  InvalidMessageError,
  type Journal,
  type Secret,
  type ThreadRun,
  threadRuns,
} from '@nanoagent/bus'

/** The name of the team that converses. */
const TEAM = 'chat'

/** Most exchanges that go along with the next line, the newest. */
const MOST_EXCHANGES = 20

/** Most characters that they have together; the newest one goes along whatever it has. */
const MOST_CHARACTERS = 24_000

/** Most passwords that their handles may stand for. */
const MOST_PASSWORDS = 200

type Submitted = InputOf<ChatTeam['entry']['type']>

/** What was said in a thread so far, as far as it goes along with the next line. */
export interface Conversation extends Pick<Submitted, 'turns'> {
  /** Exchanges of the thread, those included that do not go along. */
  readonly exchanges: number
  /** How many go along. */
  readonly told: number
  /** The passwords that handles in the turns stand for. */
  readonly passwords: Secret[]
}

/** One line, what was answered to it, and the passwords that both know of. */
interface Exchange {
  readonly text: string
  readonly answer: string
  readonly passwords: readonly Secret[]
}

/** Reads the conversation of a thread from its completed runs: the newest exchanges, as far as they fit. */
export async function readConversation(
  journal: Pick<Journal, 'read' | 'runs'>,
  thread: string,
): Promise<Conversation> {
  const told: Exchange[] = []
  let characters = 0
  for await (const run of threadRuns(journal, thread, { team: TEAM })) {
    const exchange = exchangeOf(run)
    if (exchange === undefined) continue
    characters += exchange.text.length + exchange.answer.length
    if (told.length > 0 && characters > MOST_CHARACTERS) break
    if (told.unshift(exchange) === MOST_EXCHANGES) break
  }
  const turns = told.flatMap(({ text, answer }) => [
    { role: 'user' as const, content: text },
    { role: 'assistant' as const, content: answer },
  ])
  return {
    exchanges: await countExchanges(journal, thread),
    told: told.length,
    turns,
    passwords: namedIn(
      turns.map(({ content }) => content),
      told.flatMap(({ passwords }) => passwords),
    ),
  }
}

/** What a run was asked and answered; `undefined` where another version has written it otherwise. */
function exchangeOf({ request, answer }: ThreadRun): Exchange | undefined {
  try {
    const asked = ChatSubmitted.parse(request.data)
    const answered = ChatAnswered.parse(answer.data)
    const passwords = [...asked.passwords, ...answered.passwords]
    return { text: asked.text, answer: answered.text, passwords }
  } catch (error) {
    if (error instanceof InvalidMessageError) return undefined
    throw error
  }
}

async function countExchanges(journal: Pick<Journal, 'runs'>, thread: string): Promise<number> {
  let count = 0
  for await (const _run of journal.runs({ thread, team: TEAM, status: ['completed'] })) count++
  return count
}

/** The secrets whose handles stand in the texts, each once. */
function namedIn(texts: readonly string[], secrets: readonly Secret[]): Secret[] {
  const byHandle = new Map(secrets.map((secret) => [secret.handle, secret]))
  const named = [...byHandle.values()].filter(({ handle }) =>
    texts.some((text) => text.includes(handle)),
  )
  return named.slice(-MOST_PASSWORDS)
}

/**
 * The name of a thread in which nothing was said or remembered yet: that of another with the next number,
 * such as `chat-2`.
 */
export async function freeThread(
  journal: Pick<Journal, 'runs' | 'memory'>,
  thread: string,
): Promise<string> {
  const base = thread.replace(/-\d+$/, '').slice(0, 58)
  for (let number = 2; ; number++) {
    const name = `${base}-${number}`
    if (await isUnused(journal, name)) return name
  }
}

async function isUnused(
  journal: Pick<Journal, 'runs' | 'memory'>,
  thread: string,
): Promise<boolean> {
  for await (const _run of journal.runs({ thread })) return false
  for await (const _memory of journal.memory.list({ thread })) return false
  return true
}
