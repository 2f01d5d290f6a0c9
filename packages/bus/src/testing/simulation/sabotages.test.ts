import { expect, test } from 'vitest'
import { explain } from './explain.ts'
import { INVARIANTS, type Invariant } from './invariants.ts'
import type { Sabotage } from './sabotage.ts'
import {
  acceptStaleEpochs,
  acknowledgeEarly,
  alterReplies,
  callSame,
  endForksOtherwise,
  forgetOriginals,
  forkWithoutInnerSteps,
  handleAgain,
  loseBranches,
  loseSettlements,
  loseSettlementsInForks,
  overlookAdded,
  overlookDivergences,
  refuseForks,
  repeatOnceInForks,
  repeatSteps,
  sayMore,
  swapOrder,
} from './sabotages.ts'
import { shrink } from './shrink.ts'
import { type SimulationReport, simulate } from './simulate-seed.ts'

const SABOTAGES: readonly {
  readonly name: string
  readonly create: () => Sabotage
  readonly invariant: Invariant
}[] = [
  { name: 'a delivery after its settlement', create: handleAgain, invariant: 'settled-once' },
  { name: 'a lost settlement', create: () => loseSettlements, invariant: 'atomic-settlement' },
  { name: 'a swapped order', create: () => swapOrder, invariant: 'journal-order' },
  { name: 'a repeated step', create: () => repeatSteps, invariant: 'step-not-repeated' },
  {
    name: 'a message visible before it is durable',
    create: () => acknowledgeEarly,
    invariant: 'durable-before-visible',
  },
  { name: 'an altered reply', create: () => alterReplies, invariant: 'reply-as-recorded' },
  { name: 'a lost branch', create: () => loseBranches, invariant: 'join-as-recorded' },
  { name: 'another handler in a replay', create: () => sayMore, invariant: 'replayed-alike' },
  {
    name: 'a divergence that is overlooked',
    create: () => overlookDivergences,
    invariant: 'altered-replay-differs',
  },
  {
    name: 'a fork that is served less',
    create: () => forkWithoutInnerSteps,
    invariant: 'fork-in-cone',
  },
  {
    name: 'a fork that ends otherwise',
    create: () => endForksOtherwise,
    invariant: 'forked-alike',
  },
  {
    name: 'a fork that forgets what was published',
    create: () => forgetOriginals,
    invariant: 'fork-as-edited',
  },
  {
    name: 'a fork that settles nothing',
    create: () => loseSettlementsInForks,
    invariant: 'fork-made-anew',
  },
  {
    name: 'a `once` step that a fork performs again',
    create: () => repeatOnceInForks,
    invariant: 'once-performed-once',
  },
  { name: 'a fork that throws', create: () => refuseForks, invariant: 'nothing-throws' },
  {
    name: 'a comparison that overlooks what was added',
    create: () => overlookAdded,
    invariant: 'compared-both-ways',
  },
  {
    name: 'a comparison that calls all runs the same',
    create: () => callSame,
    invariant: 'altered-diff-tells',
  },
  {
    name: 'an accepted stale epoch',
    create: acceptStaleEpochs,
    invariant: 'stale-epoch-refused',
  },
]

/** The first seed, of a few hundred, that a sabotage breaks by this invariant. */
async function firstBroken(
  create: () => Sabotage,
  invariant: Invariant,
): Promise<SimulationReport> {
  for (let seed = 1; seed <= 400; seed++) {
    const report = await simulate(seed, { sabotage: create() })
    if (report.broken?.invariant === invariant) return report
  }
  throw new Error(`no seed shows '${invariant}'`)
}

for (const { name, create, invariant } of SABOTAGES) {
  test(`catches ${name}, with a shrunk schedule`, async () => {
    const report = await firstBroken(create, invariant)
    const shrunk = await shrink(report, create)
    expect(shrunk.broken?.invariant).toBe(invariant)
    expect(faults(shrunk)).toBeLessThanOrEqual(faults(report))
    expect(shrunk.lines.length).toBeLessThan(150)
    const text = explain(shrunk)
    expect(text).toContain(INVARIANTS[invariant])
    expect(text).toContain(`repeat with: pnpm simulate --seed ${report.seed} --schedule`)
  }, 30_000)
}

/** How many choices of a schedule are not calm. */
function faults({ schedule }: SimulationReport): number {
  return schedule.filter((choice) => choice !== 0).length
}
