import type { ChatTeam } from '@nanoagent/agents'
import type { InputOf, Secret } from '@nanoagent/bus'

/** Turns that go along with the next line; older ones are forgotten. */
const MOST_TURNS = 40
const MOST_PASSWORDS = 100

type Submitted = InputOf<ChatTeam['entry']['type']>

/** What was said in a conversation so far, as its next run gets it. */
export class Conversation {
  #turns: { role: 'user' | 'assistant'; content: string }[] = []
  #passwords: Secret[] = []

  /** The next line, with what led to it. */
  submit(text: string): Submitted {
    return { text, turns: this.#turns, passwords: this.#passwords }
  }

  /** A line was answered, with handles in place of passwords. */
  answered(text: string, answer: string, passwords: readonly Secret[]): void {
    const turns = [
      ...this.#turns,
      { role: 'user' as const, content: text },
      { role: 'assistant' as const, content: answer },
    ]
    this.#turns = turns.slice(-MOST_TURNS)
    this.#passwords = [...this.#passwords, ...passwords].slice(-MOST_PASSWORDS)
  }

  /** The passwords that its handles stand for. */
  get passwords(): readonly Secret[] {
    return this.#passwords
  }
}
