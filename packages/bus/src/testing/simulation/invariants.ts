/** What must hold in every simulated world, by the name under which a broken one is reported. */
export const INVARIANTS = {
  'durable-before-visible': 'a handler begins only for a message that is in the journal',
  'settled-once': 'a message is never handled again after its settlement was recorded',
  'one-instance': 'one instance handles a delivery at a time',
  'atomic-settlement': 'a settlement and what it published are stored in one append',
  'failed-publishes-nothing': 'an attempt that failed has published nothing',
  'join-as-recorded': 'a join is published once its policy is met, with what its branches came to',
  'reply-as-recorded': 'an asker gets the reply that is recorded',
  'cancelled-justified': 'a delivery is cancelled only by the end of what waits for it',
  'closed-context': 'the context of an attempt that is over throws',
  'step-not-repeated': 'a step that is in the journal is not performed again in its attempt',
  'once-performed-once': 'a `once` step is performed at most once in all attempts',
  'served-as-recorded': 'a served step gives what was recorded',
  'same-start-again': 'a start sees what the start before it saw',
  'replayed-alike': 'a replay of what is recorded is the same again, and performs nothing',
  'fits-its-run': 'an import takes what is recorded',
  'altered-replay-differs': 'a replay of what was altered differs where that was',
  'forked-alike': 'a fork with nothing changed does the same again, where no luck had a part in it',
  'fork-in-cone': 'a fork differs only in what its message has led to',
  'fork-as-edited':
    'the message of a fork holds its new data, and what its publisher has put there',
  'fork-made-anew': 'a fork makes anew how its message is handled, unless something else ends it',
  'compared-both-ways': 'a run does not differ from itself, nor two runs one way only',
  'fork-memory': 'a fork knows its own memory, and what its thread knew when its run was opened',
  'altered-diff-tells': 'a comparison with what was altered tells that and nothing else, both ways',
  'journal-order': 'messages of one run and role are handled in journal order, so many at a time',
  'backoff-observed': 'an attempt does not begin before its backoff is over',
  'bounded-attempts': 'attempts and starts rise one by one up to their bounds',
  'crash-loop-contained': 'who kills its process is dead as `crashed`, and nobody else is',
  'outcome-unknown-justified': 'a `once` step is in doubt only where its intent has no result',
  'every-run-ends': 'no run is left open when nothing is left to do',
  'as-predicted': 'what happened is what the behaviour says',
  'ids-predicted': 'ids are the causal paths',
  'nothing-after-the-end': 'nothing of a run is stored or begun after its end',
  'sequence-rises': 'record numbers rise, and observers see a run in that order',
  'stale-epoch-refused': 'an append with a stale epoch is refused',
  'journal-never-misused': 'the owner of a run asks the journal for nothing that it must refuse',
  'role-concurrency': 'a role handles at most `roleConcurrency` deliveries at once',
  'admission-bound': 'at most `liveRuns` runs are live',
  'usage-as-recorded': 'the usage of a run is that of its recorded steps, within its budget',
  'result-as-recorded': 'the result of a run is its recorded end',
  'nothing-left-behind': 'after the end no slot, place or timer is taken',
  'no-unhandled-rejection': 'nothing rejects unhandled',
  'nothing-throws': 'making, replaying, forking and comparing runs throws nothing',
  'no-secret-in-records': 'no secret value is in the records as JSON',
} as const

export type Invariant = keyof typeof INVARIANTS

/** An invariant that did not hold, and what was seen. */
export interface Broken {
  readonly invariant: Invariant
  readonly message: string
}

/** Keeps the first invariant that did not hold; what follows it is mere consequence. */
export class Findings {
  broken: Broken | undefined

  break(invariant: Invariant, message: string): void {
    this.broken ??= { invariant, message }
  }

  /** Does what must not throw. `what` says in the report what did. */
  async unthrown(what: string, act: () => unknown): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.break('nothing-throws', `${what}: ${error}`)
    }
  }
}
