import { BARE, OURS } from './contenders/index.mjs'
import { GROUP, HOPS, INSERT, OURS as OURS_DURABLE, PEER, ROWS } from './durable/index.mjs'
import { digits, table } from './table.mjs'

/** How many times as much as ours a run of a peer should cost, at least. */
const PEERS = { langgraph: 120, 'openai-agents': 60, mastra: 14 }

/** How many times as much as bare a run of ours may cost. */
const OVER_BARE = 3.5

/** The goals for what a run costs; `costOf` gives a contender's, NaN where it was not measured. */
export function costGoals(contenders, costOf, when = '') {
  const find = (wanted) => contenders.find(({ name }) => name === wanted)
  const ours = find(OURS)
  const bare = find(BARE)
  return [
    ...Object.entries(PEERS).map(([name, atLeast]) => ({
      what: `${find(name).title} ÷ ours${when}`,
      measured: costOf(find(name)) / costOf(ours),
      atLeast,
    })),
    { what: `ours ÷ bare${when}`, measured: costOf(ours) / costOf(bare), atMost: OVER_BARE },
  ]
}

/** How many runs at once the goals for a durable hop are about. */
export const AT_ONCE = 100

/** How many times as much a durable hop may cost as storing the rows alone, and as one fsynced commit. */
const OVER_GROUP = 1.5
const OVER_COMMIT = 1.5

/** How many times as much as ours a durable hop of LangGraph.js should cost, at least. */
const DURABLE_PEER = 50

/** The goals for a durable hop; `costOf` gives what one costs a contender with so many runs at once. */
export function durableGoals(costOf) {
  const commit = (costOf(INSERT, 1) * HOPS) / ROWS
  return [
    {
      what: `ours ÷ a commit per hop, ${AT_ONCE} at once`,
      measured: costOf(OURS_DURABLE, AT_ONCE) / costOf(GROUP, AT_ONCE),
      atMost: OVER_GROUP,
    },
    {
      what: `LangGraph.js ÷ ours, ${AT_ONCE} at once`,
      measured: costOf(PEER, AT_ONCE) / costOf(OURS_DURABLE, AT_ONCE),
      atLeast: DURABLE_PEER,
    },
    {
      what: 'ours ÷ one commit, one run alone',
      measured: costOf(OURS_DURABLE, 1) / commit,
      atMost: OVER_COMMIT,
    },
  ]
}

/** Longest delay of the event loop while 1,000 runs are live, in milliseconds, but for one in a hundred. */
export const MAX_DELAY_MS = 15

/** How many times as long reading a large journal may take as a small one. */
export const OVER_SMALL = 4 / 3

/** A table of goals beside what was measured. A goal is `atLeast` or `atMost`, a ratio unless it has a `unit`. */
export function goalTable(goals) {
  return table(
    'Goals',
    ['', 'goal', 'measured', ''],
    goals.map((goal) => [
      goal.what,
      bound(goal),
      Number.isNaN(goal.measured) ? '–' : `${digits(goal.measured)}${goal.unit ?? '×'}`,
      verdict(goal),
    ]),
  )
}

function bound({ atLeast, atMost, unit = '×' }) {
  const bound = (value) => `${Number.isInteger(value) ? value : Number(value.toFixed(2))}${unit}`
  return atMost === undefined ? `≥ ${bound(atLeast)}` : `≤ ${bound(atMost)}`
}

function verdict({ measured, atLeast = 0, atMost = Infinity }) {
  if (Number.isNaN(measured)) return 'not measured'
  if (measured >= atLeast && measured <= atMost) return 'met'
  const share = measured < atLeast ? 1 - measured / atLeast : measured / atMost - 1
  return `missed by ${digits(share * 100)} %`
}
