import { BARE, OURS } from './contenders/index.mjs'
import { digits, ratio, table } from './table.mjs'

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

/** A table of goals beside what was measured. A goal is a ratio: `atLeast` or `atMost`. */
export function goalTable(goals) {
  return table(
    'Goals',
    ['', 'goal', 'measured', ''],
    goals.map((goal) => [
      goal.what,
      goal.atMost === undefined ? `≥ ${goal.atLeast}×` : `≤ ${goal.atMost}×`,
      ratio(goal.measured, 1),
      verdict(goal),
    ]),
  )
}

function verdict({ measured, atLeast = 0, atMost = Infinity }) {
  if (Number.isNaN(measured)) return 'not measured'
  if (measured >= atLeast && measured <= atMost) return 'met'
  const share = measured < atLeast ? 1 - measured / atLeast : measured / atMost - 1
  return `missed by ${digits(share * 100)} %`
}
