import { type Bus, createBus, type Journal, Secret } from '@nanoagent/bus'
import { wrapJournal } from '@nanoagent/bus/testing'
import type { Agent } from '../src/agent.ts'
import { createContext } from '../src/context.ts'
import type { Model } from '../src/model.ts'
import { play } from '../src/testing/play.ts'

/** A bus as one process: once it is killed, nothing of it reaches the journal. */
export interface Process {
  readonly bus: Bus
  kill(): void
}

/** Starts a process in which these agents play their roles. */
export function startProcess(journal: Journal, agents: readonly Agent[], model: Model): Process {
  let isDead = false
  const bus = createBus({
    journal: wrapJournal(journal, {
      append: (batch, lease) => (isDead ? new Promise(() => {}) : journal.append(batch, lease)),
    }),
  })
  play(bus, agents, (agent, delivery) => createContext(agent, delivery, model))
  return {
    bus,
    kill() {
      isDead = true
    },
  }
}

/** A journal that gives copies of everything that it reads, secrets included, as one on disk does. */
export function copying(journal: Journal): Journal {
  return wrapJournal(journal, {
    async *read(query) {
      for await (const record of journal.read(query)) yield copyOf(record)
    },
  })
}

function copyOf<T>(value: T): T
function copyOf(value: unknown): unknown {
  if (value instanceof Secret) return new Secret(value.reveal()).name(value.handle)
  if (Array.isArray(value)) return value.map((item) => copyOf(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copyOf(entry)]))
}
