import type { DrainReport } from '../../bus.ts'
import { Done, Probe } from './messages.ts'
import type { World } from './world.ts'

/**
 * Shows that a bus whose runs have all ended holds nothing back: as many new deliveries as may be
 * handled at once are handled at once, the bus drains, and no timer is left.
 */
export async function probeBus(world: World): Promise<void> {
  const { findings, scenario, clock, current } = world
  const role = scenario.roles[scenario.seed % scenario.roles.length]
  if (role === undefined) return
  const count = Math.min(role.roleConcurrency, scenario.liveRuns, 4)
  for (let number = 1; number <= count; number++) {
    current.bus.publish(role.name, Probe, {}, { terminal: Done, runId: `probe-${number}` })
  }
  await world.calm(() => current.probes.length === count)
  if (current.probes.length < count) {
    findings.break(
      'nothing-left-behind',
      `'${role.name}' handles ${current.probes.length} of ${count} new deliveries at once`,
    )
    return
  }
  for (const release of current.probes) release()
  let report: DrainReport | undefined
  void current.bus.drain().then((drained) => {
    report = drained
  })
  await world.calm(() => report !== undefined)
  if (report?.isDrained !== true) {
    findings.break('nothing-left-behind', `the bus does not drain: ${JSON.stringify(report)}`)
  } else if (clock.isNeeded) {
    findings.break('nothing-left-behind', 'a timer is left though no run is')
  }
}
