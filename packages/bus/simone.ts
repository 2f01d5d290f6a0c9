import { simulate } from './src/testing/simulation/simulate-seed.ts'
import { createScenario } from './src/testing/simulation/scenario.ts'
const r = await simulate(1280, { isTraced: true })
console.log(r.broken)
console.log(createScenario(1280).roles.map(x => `${x.name} starts ${x.startsPerAttempt} conc ${x.roleConcurrency}`).join('; '))
for (const l of r.lines) if (/kills|run-3.x1|start \d|acquire/.test(l.text)) console.log(l.event, l.text.slice(0, 200))
