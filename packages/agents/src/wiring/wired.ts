import type { COORDINATOR, JoinType, MessageType } from '@nanoagent/bus'
import type { Agent } from '../agent.ts'
import type { FanOutRoute, Route } from '../routes.ts'

/** The agents of a team by the role that they play. */
type Players<Agents extends readonly Agent[]> = {
  readonly [A in Agents[number] as A['role']]: A
}

/** The names of the message types that end a branch, by the role of its join. */
type BranchEnds<FanOuts extends FanOutRoute> = {
  readonly [F in FanOuts as F['join']['to']]: F['join']['type']['join']['types'][number]['name']
}

/** What the sentences below look things up in. */
interface Known {
  readonly players: object
  readonly ends: object
  readonly terminal: string
}

type KnownOf<Agents extends readonly Agent[], Terminal extends MessageType> = {
  readonly players: Players<Agents>
  readonly ends: BranchEnds<Agents[number]['fansOut'][number]>
  readonly terminal: Terminal['name']
}

/** What stands under a key; `never` where nothing does. */
type At<Map, Key> = Key extends keyof Map ? Map[Key] : never

/** The names of the message types that an agent accepts. */
type AcceptedBy<A> = A extends { readonly accepts: readonly MessageType<infer Name>[] }
  ? Name
  : never

/** Why nobody takes a message, as a sentence that begins as given; `never` where somebody does. */
type Untaken<
  K extends Known,
  Said extends string,
  To extends string,
  Name extends string,
> = string extends To
  ? never
  : [At<K['players'], To>] extends [never]
    ? `${Said}, but no agent of the team plays '${To}'`
    : Name extends AcceptedBy<At<K['players'], To>>
      ? never
      : `${Said}, which does not accept ${Name}`

type HandoffProblem<K extends Known, From extends string, R> =
  R extends Route<infer To, infer T>
    ? To extends typeof COORDINATOR
      ? T['name'] extends K['terminal']
        ? never
        : `'${From}' hands ${T['name']} to 'coordinator', but the team's terminal type is ${K['terminal']}`
      : T['name'] extends At<K['ends'], To>
        ? never
        : Untaken<K, `'${From}' hands ${T['name']} to '${To}'`, To, T['name']>
    : never

type FanOutProblem<K extends Known, From extends string, F> =
  F extends FanOutRoute<infer Branches, infer Join>
    ? BranchProblem<K, From, Branches, Join> | JoinProblem<K, From, Join>
    : never

type BranchProblem<K extends Known, From extends string, B, Join extends Route<string, JoinType>> =
  B extends Route<infer To, infer T>
    ?
        | Untaken<K, `'${From}' fans ${T['name']} out to '${To}'`, To, T['name']>
        | StrayProblem<K, From, To, Join>
    : never

type JoinProblem<K extends Known, From extends string, J> =
  J extends Route<infer To, infer T>
    ? Untaken<K, `'${From}' joins its branches as ${T['name']} at '${To}'`, To, T['name']>
    : never

/**
 * A branch that ends nowhere, because its first role can only leave it. What comes behind that one is
 * checked at construction.
 */
type StrayProblem<
  K extends Known,
  From extends string,
  To extends string,
  Join extends Route<string, JoinType>,
> =
  At<K['players'], To> extends Agent<string, MessageType, infer Emits, infer FanOuts>
    ? [Staying<Emits, Join>, FanOuts] extends [never, never]
      ? `'${To}' has no way to the end of a branch of '${From}' at '${Join['to']}' (${Join['type']['name']})`
      : never
    : never

/** The handoffs that do not leave a branch. */
type Staying<R, Join extends Route<string, JoinType>> =
  R extends Route<infer To, infer T>
    ? To extends typeof COORDINATOR
      ? never
      : [To, Join['to']] extends [Join['to'], To]
        ? string extends To
          ? R
          : T['name'] extends Join['type']['join']['types'][number]['name']
            ? R
            : never
        : R
    : never

type AskProblem<K extends Known, From extends string, R> =
  R extends Route<infer To, infer T>
    ? string extends To
      ? never
      : [To, From] extends [From, To]
        ? `'${From}' asks itself for ${T['name']}`
        : Untaken<K, `'${From}' asks '${To}' for ${T['name']}`, To, T['name']>
    : never

/** What is wrong with the ways of one agent, as sentences; `never` where TypeScript sees nothing wrong. */
type ProblemOf<K extends Known, A> =
  A extends Agent<infer From, MessageType, infer Emits, infer FanOuts, infer Asks>
    ? HandoffProblem<K, From, Emits> | FanOutProblem<K, From, FanOuts> | AskProblem<K, From, Asks>
    : never

type Checked<K extends Known, A> = [ProblemOf<K, A>] extends [never] ? A : ProblemOf<K, A>

/** Each agent of a team as it is, or a sentence that says what is wrong with its wiring. */
export type Wired<Agents extends readonly Agent[], Terminal extends MessageType> = {
  readonly [Index in keyof Agents]: Checked<KnownOf<Agents, Terminal>, Agents[Index]>
}

/** The entry of a team as it is, or a sentence that says why nobody takes it. */
export type Entered<Agents extends readonly Agent[], Entry extends Route> =
  Entry extends Route<infer To, infer T>
    ? EnteredAt<
        Entry,
        Untaken<KnownOf<Agents, T>, `the entry ${T['name']} goes to '${To}'`, To, T['name']>
      >
    : Entry

type EnteredAt<Entry, Problem> = [Problem] extends [never] ? Entry : Problem
